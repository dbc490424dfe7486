"""Counts applicants and the share that repaid, by age band and purpose."""
import csv
import json
import sys

rows_path, table_path, metrics_path = sys.argv[1:]

BANDS = ((25, "under 25"), (35, "25 to 34"), (50, "35 to 49"), (200, "50 and over"))


def band(age):
    return next(name for limit, name in BANDS if age < limit)


segments = {}
with open(rows_path, newline="", encoding="utf-8") as file:
    for row in csv.DictReader(file):
        key = (band(int(row["age_in_years"])), row["purpose"])
        count, good = segments.get(key, (0, 0))
        segments[key] = (count + 1, good + (row["creditability"] == "good"))

with open(table_path, "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["age", "purpose", "applicants", "repaid"])
    for (age, purpose), (count, good) in sorted(segments.items()):
        writer.writerow([age, purpose, count, round(good / count, 4)])

largest = max(count for count, _ in segments.values())
with open(metrics_path, "w", encoding="utf-8") as file:
    json.dump({"segments": len(segments), "largest": largest}, file)
