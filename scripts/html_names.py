"""Remakes Sources/Estimators/Texts/Cleaning/HTMLNames.swift: the named character references of HTML, as `html.entities` of
Python has them (WHATWG HTML, section 13.5).

Run: python3 scripts/html_names.py > Sources/Estimators/Texts/Cleaning/HTMLNames.swift
"""
from html.entities import html5

# A name's common first letters with the one before are left out, so that most lines are short.
entries, before = [], ""
for name in sorted(html5):
    same = 0
    while same < min(len(name), len(before)) and name[same] == before[same]:
        same += 1
    entries.append(chr(0x30 + same) + name[same:] + "=" + ",".join(f"{ord(c):X}" for c in html5[name]))
    before = name
lines, line = [], ""
for entry in entries:
    if len(line) + 1 + len(entry) > 100:
        lines.append(line)
        line = ""
    line += (" " if line else "") + entry
lines.append(line)
print("// Made by scripts/html_names.py; not to be edited.\n")
print("/// Named character references of HTML, ascending: how many letters of the name before begin this one (a digit from '0'")
print("/// on, ASCII going on behind '9'), the others, and the scalars in hexadecimal.")
print("enum HTMLNames {")
print('    static let packed: StaticString = #"""')
print("\n".join("        " + l for l in lines))
print('        """#')
print("}")
