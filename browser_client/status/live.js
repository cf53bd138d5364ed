// What has changed, by long poll. While the page is hidden nothing is asked; when the service is away, it is asked for again and again, and said so.

import * as api from "./api.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * A function that does `work` never twice at the same time: whoever asks while it runs gets one more run after it, so that an answer which is on its way
 * never comes on top of a newer one.
 */
export function oneAtATime(work) {
  let running = null;
  let next = null;
  const settled = () => running.then(() => {}, () => {});
  return function run() {
    if (!running) {
      running = Promise.resolve(work()).finally(() => {
        running = null;
      });
      return running;
    }
    next ??= settled().then(() => {
      next = null;
      return run();
    });
    return next;
  };
}

function shown() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}

/**
 * Follow the service for as long as the page lives.
 *
 * Args:
 *   topics(list): is told what has changed.
 *   back(): is told that the service answers, first or again: everything may have changed.
 *   away(error): is told that it does not.
 */
export async function follow({ topics, back, away }) {
  let since = 0;
  let reached = false;
  let wait = FIRST_PAUSE;
  let leaving = new AbortController();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leaving.abort();
  });
  for (;;) {
    await shown();
    leaving = new AbortController();
    try {
      if (!reached) {
        await back();
        reached = true;
        wait = FIRST_PAUSE;
      }
      const news = await api.news(since, leaving.signal);
      since = news.next;
      if (news.topics.length) await topics(news.topics);
    } catch (error) {
      if (error.name === "AbortError") continue;
      reached = false;
      if (away(error)) return;
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST_PAUSE);
    }
  }
}
