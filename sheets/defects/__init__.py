"""What can happen to paper on its way: the model of it, and how it is drawn.

:mod:`sheets.defects.model` says in millimetres, degrees and shares what is wrong with a sheet or with the machine that
reads it; the other modules draw that into rows of samples: on the surface of the sheet, under its skew, on the glass.

May come in: the model's figures with their limits, and drawing that depends on the absolute row and column only, so that
strips agree with whole pages. May not: the oracle, which measures the same things and must not look them up; clocks;
anything random that is not drawn from the sheet's seed.
"""
