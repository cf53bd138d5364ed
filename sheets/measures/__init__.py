"""How much of each defect a page shows: the measuring half of the oracle.

Everything is measured off the picture alone: its marks say which sheet it is, a fresh rendering of that sheet says where its
paper must be bare, and what is seen there is dust, a streak, the other side, uneven light. May come in: a measure with its unit,
its threshold and a test against known defects. May not: :mod:`sheets.defects`, where the same things are drawn; a judge does
not look at the answers.
"""
