/* A small back end for SANE that scans a pattern. It keeps every clause of the standard, unless ZOO_DEFECT names one defect (defects.py has them) or
   ZOO_VARIANT odd but legal habits (family.py). Built by the tests: cc -shared -fPIC -o libsane-zoo.so zoo.c -lpthread */

#include "zoo.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXED(mm) ((mm) * 65536)
#define NAME_SIZE 32
#define COUNT 21
#define SHEETS 4

enum {
    O_COUNT, O_GROUP, O_MODE, O_DEPTH, O_RESOLUTION, O_SOURCE, O_PREVIEW, O_GEOMETRY, O_TLX, O_TLY, O_BRX, O_BRY,
    O_MORE, O_INVERT, O_THRESHOLD, O_SERIAL, O_LABEL, O_LAMP, O_GAMMA, O_KEY, O_CALIBRATE
};

typedef struct {
    int open;
    Descriptor options[COUNT];
    Descriptor moved[COUNT];
    Word words[COUNT];
    Word gamma[16];
    char mode[NAME_SIZE], source[NAME_SIZE], label[NAME_SIZE];
    Parameters now;          /* of the frame that is being scanned */
    int scanning, frame, sheets, nonblocking, starts, asked;
    volatile int cancelled;
    long position, total, reads;
    int pipe;
} Scanner;

static Scanner scanners[4];
static int inits, initialised, opened, left_scanning, left_busy, lists;
static pthread_t owner;

/* Whether the comma-separated list in an environment variable has a name. */
static int is(const char *variable, const char *name)
{
    const char *at = getenv(variable);
    size_t length = strlen(name);
    for (; at && *at; at = strchr(at, ','), at += at ? 1 : 0)
        if (!strncmp(at, name, length) && (at[length] == ',' || !at[length]))
            return 1;
    return 0;
}

static int bad(const char *name) { return is("ZOO_DEFECT", name); }
static int odd(const char *name) { return is("ZOO_VARIANT", name); }

/* -- what the scanner is -------------------------------------------------------------------------------------------- */

static const char *const modes[] = { "Gray", "Color", "Lineart", 0 };
static const char *const bad_modes[] = { "Gray", "Color", "Lineart", "A mode with a name that does not fit its option", 0 };
static const char *const sources[] = { "Flatbed", "ADF", 0 };
static const Word depths[] = { 1, 8 };
static const Word deep[] = { 2, 8, 16 };
static const Range resolutions = { 50, 300, 25 }, millimetres = { 0, FIXED(40), 0 }, bytes = { 0, 255, 0 };
static const Range upside_down = { 255, 0, 0 };

static void describe(Scanner *s, int index, const char *name, int type, int unit, Word size, Word cap, int kind, const void *constraint)
{
    Descriptor made = { name, name[0] ? name : "Count", "An option of the zoo.", type, unit, size, cap, kind, constraint };
    s->options[index] = made;
}

static void describe_all(Scanner *s)
{
    const Word set = SOFT_SELECT | SOFT_DETECT;
    describe(s, O_COUNT, "", T_INT, U_NONE, 4, SOFT_DETECT | (bad("option-0-settable") ? SOFT_SELECT : 0), C_NONE, 0);
    describe(s, O_GROUP, "", T_GROUP, U_NONE, 0, 0, C_NONE, 0);
    describe(s, O_MODE, bad("capital-name") ? "Mode" : "mode", T_STRING, U_NONE, NAME_SIZE, set, C_TEXTS, bad("text-longer-than-size") ? bad_modes : modes);
    describe(s, O_DEPTH, "depth", T_INT, U_BIT, 4, set, C_WORDS, odd("sixteen-bits") ? deep : depths);
    describe(s, O_RESOLUTION, "resolution", T_INT, bad("resolution-in-mm") ? U_MM : U_DPI, 4, set | AUTOMATIC, C_RANGE, &resolutions);
    describe(s, O_SOURCE, "source", T_STRING, U_NONE, NAME_SIZE, set, C_TEXTS, sources);
    describe(s, O_PREVIEW, "preview", T_BOOL, bad("switch-in-mm") ? U_MM : U_NONE, bad("switch-of-one-byte") ? 1 : 4, set, C_NONE, 0);
    describe(s, O_GEOMETRY, "", T_GROUP, U_NONE, 0, bad("settable-group") ? set : 0, C_NONE, 0);
    describe(s, O_TLX, "tl-x", T_FIXED, U_MM, 4, set, C_RANGE, &millimetres);
    describe(s, O_TLY, "tl-y", T_FIXED, U_MM, 4, set, C_RANGE, &millimetres);
    describe(s, O_BRX, "br-x", T_FIXED, U_MM, 4, set, C_RANGE, &millimetres);
    describe(s, O_BRY, "br-y", T_FIXED, U_MM, 4, set, C_RANGE, &millimetres);
    describe(s, O_MORE, "", T_GROUP, U_NONE, 0, 0, C_NONE, 0);
    describe(s, O_INVERT, bad("two-equal-options") ? "lamp" : "invert", T_BOOL, U_NONE, 4, set | (bad("both-selects") ? HARD_SELECT : 0), C_NONE, 0);
    describe(s, O_THRESHOLD, "threshold", T_INT, U_NONE, 4, set | INACTIVE, C_RANGE, bad("range-upside-down") ? &upside_down : &bytes);
    describe(s, O_SERIAL, "serial", T_STRING, U_NONE, NAME_SIZE, SOFT_DETECT | (bad("unknown-capability") ? 0x400 : ADVANCED), C_NONE, 0);
    describe(s, O_LABEL, "label", T_STRING, U_NONE, NAME_SIZE, set, bad("range-on-a-text") ? C_RANGE : C_NONE, &bytes);
    describe(s, O_LAMP, "lamp", T_BOOL, U_NONE, 4, bad("select-without-detect") ? SOFT_SELECT : set | EMULATED, C_NONE, 0);
    describe(s, O_GAMMA, "gamma-table", T_INT, U_NONE, sizeof s->gamma, set, C_RANGE, &bytes);
    describe(s, O_KEY, "scan-key", T_BOOL, U_NONE, 4, HARD_SELECT | SOFT_DETECT, C_NONE, 0);
    describe(s, O_CALIBRATE, "calibrate", T_BUTTON, U_NONE, 0, SOFT_SELECT, C_NONE, 0);
    s->options[O_GROUP].title = "Scan", s->options[O_GEOMETRY].title = "Area", s->options[O_MORE].title = "More";
    if (bad("null-desc"))
        s->options[O_LAMP].desc = 0;
    if (odd("nameless-groups"))
        s->options[O_GROUP].name = s->options[O_GEOMETRY].name = s->options[O_MORE].name = 0;
    s->words[O_COUNT] = COUNT, s->words[O_DEPTH] = 8, s->words[O_RESOLUTION] = bad("default-out-of-range") ? 1000 : 75;
    s->words[O_BRX] = FIXED(40), s->words[O_BRY] = FIXED(40), s->words[O_THRESHOLD] = 128;
    strcpy(s->mode, "Gray"), strcpy(s->source, "Flatbed"), strcpy(s->label, "zoo");
    s->sheets = SHEETS, s->pipe = -1;
}

static void shape(Scanner *s, Parameters *p)
{
    int colour = !strcmp(s->mode, "Color"), line_art = !strcmp(s->mode, "Lineart"), passes = colour && odd("three-pass");
    long width = s->words[O_BRX] - s->words[O_TLX], height = s->words[O_BRY] - s->words[O_TLY];
    long dpi = s->words[O_PREVIEW] ? 50 : s->words[O_RESOLUTION];
    p->format = passes ? F_RED + s->frame : colour ? F_RGB : F_GRAY;
    p->last_frame = !passes || s->frame == 2 || bad("last-frame-too-early");
    if (bad("green-twice") && passes && s->frame == 2)
        p->format = F_GREEN;
    p->depth = line_art ? 1 : s->words[O_DEPTH];
    p->pixels_per_line = width > 0 ? width / 65536.0 * dpi / 25.4 : 0;
    p->lines = height > 0 ? height / 65536.0 * dpi / 25.4 : 0;
    p->bytes_per_line = (p->pixels_per_line * (p->format == F_RGB ? 3 : 1) * p->depth + 7) / 8;
    p->bytes_per_line += odd("padded-lines") ? 5 : 0;
    if (bad("depth-12"))
        p->depth = 12;
    if (bad("line-too-short"))
        p->bytes_per_line /= 2;
    if (bad("last-frame-2"))
        p->last_frame = 2;
}

/* -- the library ---------------------------------------------------------------------------------------------------- */

Status sane_zoo_init(Word *version, void *authorise)
{
    (void)authorise;
    inits++;
    if (bad("second-init-fails") && inits > 1)
        return IO_ERROR;
    if (version)
        *version = (bad("major-two") ? 2 : 1) << 24 | (bad("version-changes") && inits > 1 ? 5 : 1) << 16 | 7;
    initialised = 1;
    owner = pthread_self();
    return GOOD;
}

void sane_zoo_exit(void)
{
    if (bad("crash-at-exit") && opened)
        *(volatile int *)0 = 1;
    if (bad("exit-status-7"))
        _exit(7);
    memset(scanners, 0, sizeof scanners);
    initialised = opened = left_scanning = left_busy = 0;
}

static Device first, second;
static const Device *list[3];

Status sane_zoo_get_devices(const Device ***found, Word local)
{
    lists++;
    first = (Device){ "zoo:0", bad("null-vendor") ? 0 : "Noname", "pattern", bad("invented-type") ? "pattern scanner" : "virtual device" };
    second = (Device){ bad("two-equal-names") ? "zoo:0" : "zoo:1", "Noname", "pattern", "virtual device" };
    list[0] = &first, list[1] = bad("local-only-ghost") && !local ? 0 : &second, list[2] = 0;
    *found = bad("no-device-list") ? 0 : list;
    return GOOD;
}

Status sane_zoo_open(const char *name, Handle *handle)
{
    Scanner *s;
    int number = !name[0] && !bad("refuses-empty-name") ? 0 : !strcmp(name, "zoo:0") ? 0 : !strcmp(name, "zoo:1") ? 1 : -1;
    if (number < 0)
        return bad("opens-anything") ? (*handle = &scanners[3], GOOD) : bad("unknown-is-io-error") ? IO_ERROR : INVAL;
    s = &scanners[number];
    if (s->open && odd("two-handles"))
        s = &scanners[number + 2];
    if (s->open && bad("same-handle-twice"))
        return *handle = s, GOOD;
    if (s->open)
        return bad("jam-at-open") ? JAMMED : BUSY;
    if ((bad("opens-once") && opened > 3) || (bad("close-leaves-scanning") && left_scanning) || (bad("cancel-leaves-busy") && left_busy))
        return BUSY;
    opened++;
    memset(s, 0, sizeof *s);
    describe_all(s);
    s->open = 1;
    if (bad("leaks-file"))
        open("/dev/null", O_RDONLY);
    if (bad("list-changes-when-opened"))
        first.model = "changed";
    *handle = bad("null-handle") ? 0 : s;
    return GOOD;
}

void sane_zoo_close(Handle handle)
{
    Scanner *s = handle;
    left_scanning = s->scanning;
    if (s->pipe >= 0)
        close(s->pipe);
    s->open = s->scanning = 0;
}

/* -- options -------------------------------------------------------------------------------------------------------- */

const Descriptor *sane_zoo_get_option_descriptor(Handle handle, Word index)
{
    Scanner *s = handle;
    if (index == COUNT && bad("descriptor-behind-the-last"))
        return &s->options[O_LAMP];
    if (index < 0 || index >= COUNT)
        return 0;
    s->asked++;
    if (bad("descriptor-changes") && index == O_LAMP && s->asked > COUNT + 5)
        s->options[index].title = "another title";
    if (bad("descriptor-moves") && s->asked > COUNT + 5) {
        s->moved[index] = s->options[index];
        return &s->moved[index];
    }
    return &s->options[index];
}

static char *text_of(Scanner *s, int index)
{
    return index == O_MODE ? s->mode : index == O_SOURCE ? s->source : s->label;
}

static Status get(Scanner *s, int index, void *value)
{
    Descriptor *o = &s->options[index];
    if (o->type == T_STRING) {
        const char *text = index == O_SERIAL ? "0001" : text_of(s, index);
        if (bad("text-without-end") && index == O_SERIAL)
            memset(value, 'x', o->size);
        else
            strcpy(value, text);
        if (bad("writes-behind-a-text") && index == O_LABEL)
            memset((char *)value + o->size, 0, 8);
    } else if (index == O_GAMMA) {
        memcpy(value, s->gamma, o->size);
    } else if (o->size == 1) {
        *(char *)value = s->words[index];
    } else {
        *(Word *)value = s->words[index];
        if (bad("writes-before-a-word") && index == O_LAMP)
            ((Word *)value)[-1] = 0;
    }
    return GOOD;
}

static Word within(Word word, const Range *range)
{
    word = word < range->min ? range->min : word > range->max ? range->max : word;
    return range->quant ? range->min + (word - range->min + range->quant / 2) / range->quant * range->quant : word;
}

static Status set_text(Scanner *s, int index, const char *value, Word *info)
{
    Descriptor *o = &s->options[index];
    const char *const *entry = o->constraint;
    if (o->constraint_type == C_TEXTS) {
        while (*entry && strcmp(*entry, value))
            entry++;
        if (!*entry)
            return INVAL;
        if (bad("last-entry-refused") && !strcmp(value, "Lineart"))
            return INVAL;
    }
    strncpy(text_of(s, index), value, NAME_SIZE - 1);
    if (index == O_MODE) {
        int line_art = !strcmp(value, "Lineart");
        s->options[O_THRESHOLD].cap = SOFT_SELECT | SOFT_DETECT | (line_art ? 0 : INACTIVE);
        s->options[O_DEPTH].cap = SOFT_SELECT | SOFT_DETECT | (line_art ? INACTIVE : 0);
        *info |= (bad("reload-options-missing") ? 0 : RELOAD_OPTIONS) | RELOAD_PARAMS;
    }
    return GOOD;
}

static Status set_words(Scanner *s, int index, Word *value, Word *info)
{
    Descriptor *o = &s->options[index];
    int count = index == O_GAMMA ? 16 : 1, i;
    Word *target = index == O_GAMMA ? s->gamma : &s->words[index];
    if (o->type == T_BOOL && (*value < 0 || *value > 1) && !bad("bool-two"))
        return INVAL;
    if (o->constraint_type == C_WORDS && *value != depths[1] && !(odd("sixteen-bits") && *value == 16) && !bad("word-outside-of-list"))
        return INVAL;
    for (i = 0; i < count; i++) {
        Word word = value[i];
        if (o->constraint_type == C_RANGE && !(bad("range-unchecked") && index == O_RESOLUTION))
            word = within(word, o->constraint);
        if (odd("strict-ranges") && word != value[i])
            return INVAL;
        if (word != value[i]) {
            *info |= bad("range-corrected-in-silence") ? 0 : INEXACT;
            value[i] = word;
        }
        target[i] = word;
    }
    if (bad("inexact-lies") && *info & INEXACT)
        value[0] = target[0] > 50 ? target[0] - 25 : 75;
    if (bad("switch-is-stuck") && index == O_LAMP)
        s->words[index] = 0;
    if (index == O_RESOLUTION || index == O_PREVIEW || index == O_DEPTH || (index >= O_TLX && index <= O_BRY))
        *info |= bad("reload-params-missing") ? 0 : RELOAD_PARAMS;
    return GOOD;
}

Status sane_zoo_control_option(Handle handle, Word index, Word action, void *value, Word *info)
{
    Scanner *s = handle;
    Word bits = 0;
    Status status = GOOD;
    Descriptor *o;
    if (index < 0 || index >= COUNT)
        return bad("crash-on-bad-index") ? *(volatile Status *)(long)8 : INVAL;
    o = &s->options[index];
    if (bad("crash-on-null-info") && !info)
        *(volatile int *)0 = 1;
    if (o->type == T_GROUP)
        return INVAL;
    if (o->cap & INACTIVE && !(bad("get-of-inactive") && action == GET))
        return INVAL;
    if (action == GET) {
        if (o->type == T_BUTTON || (bad("get-refused") && index == O_LAMP))
            return INVAL;
        if (bad("info-in-get"))
            bits = RELOAD_PARAMS;
        status = get(s, index, value);
    } else if (action == SET || action == AUTO) {
        if (s->scanning && !bad("set-during-scan"))
            return BUSY;
        if (bad("cancel-leaves-busy") && left_busy)
            return BUSY;
        if (index == O_COUNT || (!(o->cap & SOFT_SELECT) && !(bad("set-of-read-only") && index == O_KEY)))
            return INVAL;
        if (action == AUTO) {
            if (!(o->cap & AUTOMATIC) && !bad("auto-without-automatic"))
                return INVAL;
            bits = o->cap & AUTOMATIC ? (s->words[index] = 75, RELOAD_PARAMS) : 0;
        } else if (bad("set-refused") && index == O_LAMP) {
            return INVAL;
        } else if (o->type == T_STRING) {
            status = set_text(s, index, value, &bits);
        } else if (o->type != T_BUTTON) {
            status = set_words(s, index, value, &bits);
        }
        if (bad("info-bit-8"))
            bits |= 8;
    } else {
        return bad("unknown-action-good") ? GOOD : INVAL;
    }
    if (info && status == GOOD)
        *info = bits;
    return status;
}

/* -- scanning ------------------------------------------------------------------------------------------------------- */

Status sane_zoo_get_parameters(Handle handle, Parameters *parameters)
{
    Scanner *s = handle;
    if (!s->scanning) {
        s->frame = 0;
        shape(s, &s->now);
        if (odd("unknown-height"))
            s->now.lines = -1;
        if (odd("estimates"))
            s->now.lines += ++s->asked % 3;
    }
    *parameters = s->now;
    if (s->scanning && bad("parameters-change-in-scan") && s->reads > 1)
        parameters->lines++;
    return GOOD;
}

Status sane_zoo_start(Handle handle)
{
    Scanner *s = handle;
    int next = s->scanning && s->position >= s->total && !s->now.last_frame;
    if (s->scanning && s->position < s->total && !bad("start-twice"))
        return BUSY;
    if (bad("cancel-leaves-busy") && left_busy)
        return BUSY;
    if (!strcmp(s->source, "ADF") && !next && !bad("feeder-never-ends")) {
        if (!s->sheets)
            return s->scanning = 0, s->sheets = SHEETS, bad("feeder-ends-with-io-error") ? IO_ERROR : NO_DOCS;
        s->sheets--;
    }
    s->frame = next ? s->frame + 1 : 0;
    shape(s, &s->now);
    s->total = (long)s->now.bytes_per_line * s->now.lines;
    if (odd("unknown-height"))
        s->now.lines = -1;
    if (bad("ragged-end"))
        s->total -= 3;
    if (bad("one-line-short"))
        s->total -= s->now.bytes_per_line;
    if (!(bad("remainder-after-cancel") && s->position && s->position < s->total))
        s->position = 0;
    s->reads = s->cancelled = s->nonblocking = 0;
    s->scanning = 1;
    return GOOD;
}

static int pixel(const Scanner *s, long at) { return (at * 7 + at / (s->now.bytes_per_line + 1) * 13 + s->frame * 31) & 255; }

Status sane_zoo_read(Handle handle, unsigned char *data, Word most, Word *length)
{
    Scanner *s = handle;
    long count, i;
    int unwritten = bad("leaves-buffer-unwritten");
    *length = 0;
    if (!s->scanning)
        return bad("read-before-start") ? (*length = 1, GOOD) : bad("status-99") ? 99 : bad("data-after-cancel") && s->cancelled ? (*length = 4, GOOD) : INVAL;
    if (s->cancelled)
        return s->scanning = 0, CANCELLED;
    usleep(30);
    s->reads++;
    if (bad("crash-in-read") && s->reads > 2)
        *(volatile int *)16 = 1;
    if (bad("device-error-in-read") && s->position > s->total / 2)
        return IO_ERROR;
    if (s->position >= s->total && !bad("eof-never")) {
        if (bad("data-after-eof") && s->position++ > s->total)
            return *length = 1, GOOD;
        return *length = bad("eof-with-length") ? 1 : 0, END;
    }
    if (s->nonblocking && s->reads % 2 == 1)
        return GOOD;
    if (bad("good-and-empty") && s->reads % 5 == 2)
        return GOOD;
    count = s->total - s->position;
    if (bad("eof-never"))
        count = most;
    count = count < most ? count : most;
    count = count < 20000 ? count : 20000;
    if (odd("small-strips") && count > 977)
        count = 977;
    if (bad("loses-a-byte") && most == 1)
        s->position++, count = 1;
    for (i = 0; i < count; i++)
        data[i] = unwritten && i % 100 == 99 ? data[i] : pixel(s, s->position + i);
    if (bad("read-writes-behind") && count == most)
        data[count] = 0;
    s->position += count;
    if (bad("non-blocking-loses-bytes") && s->nonblocking && count > 1)
        count--;
    *length = bad("longer-than-asked") && count == most ? count + 1 : count;
    return GOOD;
}

void sane_zoo_cancel(Handle handle)
{
    Scanner *s = handle;
    int elsewhere = !pthread_equal(owner, pthread_self());
    if (bad("hang-in-cancel") && s->scanning && s->reads > 3)
        for (;;)
            pause();
    if (bad("crash-on-idle-cancel") && !s->scanning)
        abort();
    if (bad("thread-cancel-ignored") && elsewhere)
        return;
    if (bad("cancel-waits-for-read") && elsewhere)
        for (;;)
            pause();
    if (bad("cancel-leaves-busy") && s->scanning)
        left_busy = 1;
    s->cancelled = s->scanning;
    if (!elsewhere)
        s->scanning = 0;
}

Status sane_zoo_set_io_mode(Handle handle, Word nonblocking)
{
    Scanner *s = handle;
    if (!s->scanning)
        return bad("io-mode-any-time") ? GOOD : INVAL;
    if (nonblocking && odd("blocking-only"))
        return UNSUPPORTED;
    if (!nonblocking && bad("blocking-unsupported"))
        return UNSUPPORTED;
    s->nonblocking = nonblocking;
    return GOOD;
}

Status sane_zoo_get_select_fd(Handle handle, Word *descriptor)
{
    Scanner *s = handle;
    if (!s->scanning)
        return INVAL;
    if (odd("blocking-only"))
        return UNSUPPORTED;
    if (s->pipe < 0)
        s->pipe = open("/dev/null", O_RDONLY);
    *descriptor = bad("file-is-not-open") ? 777 : s->pipe;
    return GOOD;
}

const char *sane_zoo_strstatus(Status status)
{
    static const char *const words[] = { "Success", "Operation not supported", "Operation was canceled", "Device busy", "Invalid argument",
        "End of file reached", "Document feeder jammed", "Document feeder out of documents", "Scanner cover is open", "Error during device I/O",
        "Out of memory", "Access to resource has been denied" };
    return status < 0 || status > DENIED || (bad("null-strstatus") && status == NO_DOCS) ? 0 : words[status];
}
