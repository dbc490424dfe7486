"""Adds what a credit costs a month, and how much of life it takes."""
import csv
import sys

source, target = sys.argv[1:]

with open(source, newline="", encoding="utf-8") as read, open(target, "w", newline="", encoding="utf-8") as write:
    rows = csv.DictReader(read)
    writer = csv.DictWriter(write, [*rows.fieldnames, "monthly_payment", "months_per_year_of_age"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        months = int(row["duration_in_month"])
        row["monthly_payment"] = round(int(row["credit_amount"]) / months, 2)
        row["months_per_year_of_age"] = round(months / int(row["age_in_years"]), 4)
        writer.writerow(row)
