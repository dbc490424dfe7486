"""What the decisions cost: a bad credit granted costs five times a good one refused.

Source: the cost matrix that comes with the data (H. Hofmann, Statlog German Credit, 1994).
"""
import csv
import json
import sys

predictions, metrics = sys.argv[1:]

granted_bad = refused_good = rows = 0
with open(predictions, newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        rows += 1
        # Granted where the expected cost of granting is below that of refusing.
        grants = 5 * float(row["probability=bad"]) < float(row["probability=good"])
        granted_bad += grants and row["target"] == "bad"
        refused_good += not grants and row["target"] == "good"

cost = 5 * granted_bad + refused_good
with open(metrics, "w", encoding="utf-8") as file:
    json.dump({"granted_bad": granted_bad, "refused_good": refused_good, "cost_per_row": round(cost / rows, 4)}, file)
