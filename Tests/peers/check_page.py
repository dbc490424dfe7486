"""Checks a page of ours in Chromium: nothing clipped or overlapping at 390 and 1440 px, in light and dark; no console
message of a fault, no outside request, no script error, no serious finding of axe.

    python3 Tests/peers/check_page.py FILE.html [--screenshots FOLDER]

Exit 0 when all is well, 1 with one line a fault, 2 when the browser or a package is missing.
Needs, once: apt-get install -y chromium; python3 -m venv VENV; VENV/bin/pip install playwright==1.65.2
axe-playwright-python==0.1.8; then VENV/bin/python in place of python3. No browser is downloaded: Debian's is used.
"""
import os, shutil, sys

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright
except ImportError as error:
    print(f"check_page: {error}; pip install playwright axe-playwright-python")
    sys.exit(2)

# Faults of layout, told by boxes: what stands outside the window or its own box, what covers its neighbour.
BOXES = """() => {
  const faults = [], width = document.documentElement.clientWidth;
  const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('class') ? '.' + e.getAttribute('class') : '')
    + ' "' + (e.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 40) + '"';
  const shown = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(e).visibility != 'hidden'; };
  if (document.documentElement.scrollWidth > width) faults.push('the page scrolls sideways: ' + document.documentElement.scrollWidth + ' > ' + width);
  for (const e of document.body.querySelectorAll('*')) {
    if (!shown(e)) continue;
    const r = e.getBoundingClientRect(), scroller = e.closest('.scroll');
    if (!(scroller && scroller != e) && (r.left < -1 || r.right > width + 1)) faults.push('outside the window: ' + name(e));
    if (!e.ownerSVGElement && e.tagName != 'svg' && !e.classList.contains('scroll')
        && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) && getComputedStyle(e).display != 'inline')
      faults.push('wider than its box: ' + name(e));
  }
  // A word cut in pieces: a cell has more lines than words.
  for (const e of document.querySelectorAll('th, td, dt, dd')) {
    if (!shown(e) || e.children.length) continue;
    const range = document.createRange(); range.selectNodeContents(e);
    const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top))).size;
    const words = e.textContent.trim().split(/[\\s-]+/);
    if (lines > words.length && Math.max(...words.map(w => w.length)) < 24) faults.push('broken inside a word: ' + name(e));
  }
  const overlap = (a, b) => {
    const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
    return Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1;
  };
  for (const group of ['header, main, footer', 'section', '.tile', '.card', '.legend li', '.facts dt, .facts dd', 'h1, .eyebrow, .lead, .tiles']) {
    const all = [...document.querySelectorAll(group)].filter(shown);
    all.forEach((a, i) => all.slice(i + 1).forEach(b => {
      if (!a.contains(b) && !b.contains(a) && overlap(a, b)) faults.push('overlap: ' + name(a) + ' and ' + name(b));
    }));
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (!shown(svg)) continue;
    const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
    for (const t of texts) {
      const r = t.getBoundingClientRect();
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1)
        faults.push('clipped by its picture: ' + name(t));
      if (parseFloat(getComputedStyle(t).fontSize) * frame.width / svg.viewBox.baseVal.width < 9.5) faults.push('text below 9.5 px: ' + name(t));
    }
    texts.forEach((a, i) => texts.slice(i + 1).forEach(b => { if (overlap(a, b)) faults.push('overlap: ' + name(a) + ' and ' + name(b)); }));
  }
  const levels = [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1]);
  levels.forEach((l, i) => { if (l > (i ? levels[i - 1] : 0) + 1) faults.push('a heading of level ' + l + ' follows one of ' + (levels[i - 1] || 0)); });
  if (levels.filter(l => l == 1).length != 1) faults.push('a page has one h1');
  return faults;
}"""


def check(page, url, width, scheme, folder):
    faults = []
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(url)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    faults += page.evaluate(BOXES)
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            where = violation["nodes"][0]["html"][:120]
            faults.append(f"axe {violation['id']}, {len(violation['nodes'])} times: {violation['help']}: {where}")
    if folder:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
        page.screenshot(path=f"{folder}/{width}-{scheme}.png", full_page=True)
    return [f"{width} px, {scheme}: {fault}" for fault in faults]


def main():
    arguments = sys.argv[1:]
    folder = None
    if "--screenshots" in arguments:
        place = arguments.index("--screenshots")
        folder = arguments[place + 1]
        os.makedirs(folder, exist_ok=True)
        del arguments[place:place + 2]
    if len(arguments) != 1:
        print(__doc__)
        sys.exit(2)
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("check_page: no chromium; apt-get install -y chromium")
        sys.exit(2)
    url = "file://" + os.path.abspath(arguments[0])
    faults = []
    with sync_playwright() as play:
        window = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-dev-shm-usage"])
        # axe is put into the page, which the page's own policy forbids.
        page = window.new_context(bypass_csp=True).new_page()
        page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: faults.append(f"script: {e}"))
        page.on("request", lambda r: faults.append(f"request: {r.url}") if r.url != url else None)
        for width in (390, 1440):
            for scheme in ("light", "dark"):
                faults += check(page, url, width, scheme, folder)
        # Once more under the page's policy: what it forbids itself shows in the console.
        plain = window.new_page()
        plain.on("console", lambda m: faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        plain.goto(url)
        window.close()
    for fault in dict.fromkeys(faults):
        print(fault)
    print(f"check_page: {len(set(faults))} faults in {os.path.basename(arguments[0])}")
    sys.exit(1 if faults else 0)


main()
