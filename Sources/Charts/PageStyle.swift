/// The one style sheet of every page: light and dark as the reader's system
/// is, one column on a telephone, plain on paper, fonts of the system.
///
/// Colours of text have a contrast of at least 4.5 to 1 on both grounds, those
/// of series at least 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
enum PageStyle {
    static let seriesCount = 6

    static let css = """
        :root {
          color-scheme: light dark;
          --ground: #f6f7f9; --surface: #ffffff; --edge: #dfe3e8; --grid: #e8ebef;
          --ink: #16191d; --soft: #56606c; --heat: 37 99 235;
          --s0: #2563eb; --s1: #c2410c; --s2: #0f766e; --s3: #7c3aed; --s4: #be123c; --s5: #4d7c0f;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #101215; --surface: #181b20; --edge: #2c3138; --grid: #272c33;
            --ink: #eceef1; --soft: #a3adb9; --heat: 122 162 255;
            --s0: #7aa2ff; --s1: #fb923c; --s2: #2dd4bf; --s3: #c4a1ff; --s4: #fb7185; --s5: #a3e635;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          overflow-wrap: anywhere;
        }
        header, main, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
        header { padding-top: 40px; }
        .eyebrow { margin: 0; color: var(--soft); font-size: 14px; font-weight: 600; }
        h1 { margin: 4px 0 8px; font-size: clamp(26px, 5vw, 38px); line-height: 1.15; letter-spacing: -0.02em; }
        .lead { margin: 0; max-width: 64ch; color: var(--soft); font-size: 17px; }
        section { margin-top: 40px; }
        h2 { margin: 0 0 4px; font-size: 20px; line-height: 1.3; letter-spacing: -0.01em; }
        h3 { margin: 0 0 8px; font-size: 16px; line-height: 1.4; }
        .note { margin: 0 0 16px; max-width: 72ch; color: var(--soft); font-size: 15px; }
        .tiles {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); gap: 12px;
          margin: 28px 0 0; padding: 0;
        }
        .tile, .card { background: var(--surface); border: 1px solid var(--edge); border-radius: 12px; }
        .tile { padding: 14px 16px; }
        .tile dt { color: var(--soft); font-size: 14px; }
        .tile dd { margin: 0; font-size: 28px; line-height: 1.25; font-weight: 650; }
        .tile dd, td.number, th.number, .tick { font-variant-numeric: tabular-nums; }
        .tile .about { color: var(--soft); font-size: 13px; font-weight: 400; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; }
        .cards + .cards { margin-top: 16px; }
        .card { margin: 0; padding: 20px; min-width: 0; }
        figure.card { display: flex; flex-direction: column; }
        figcaption { margin-bottom: 12px; }
        figcaption p, .card > p { margin: 0; color: var(--soft); font-size: 15px; }
        figure svg { width: 100%; max-width: 470px; height: auto; margin: 0 auto; }
        .card .scroll + h3 { margin-top: 24px; }
        .scroll { overflow-x: auto; }
        .scroll:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; border-radius: 6px; }
        table { width: 100%; border-collapse: collapse; font-size: 15px; overflow-wrap: break-word; }
        caption { padding-bottom: 8px; color: var(--soft); text-align: left; font-size: 15px; }
        th, td { padding: 8px 10px; border-top: 1px solid var(--edge); text-align: left; vertical-align: top; }
        thead th { border-top: 0; color: var(--soft); font-size: 14px; font-weight: 600; vertical-align: bottom; }
        tbody th { font-weight: 500; min-width: 9ch; }
        th:first-child, td:first-child { padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        th.number, td.number { text-align: right; overflow-wrap: normal; }
        td.about { color: var(--soft); }
        .matrix td.number, .matrix thead th.number { padding: 10px 12px; text-align: center; }
        .matrix td .share { display: block; color: var(--soft); font-size: 13px; }
        .matrix td.hit { font-weight: 650; }
        .matrix td .share { font-weight: 400; color: var(--ink); }
        .facts { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); margin: 0; font-size: 15px; }
        .facts dt, .facts dd { margin: 0; padding: 7px 0; border-top: 1px solid var(--edge); }
        .facts dt { padding-right: 12px; color: var(--soft); }
        .facts dt:first-of-type, .facts dd:first-of-type { border-top: 0; }
        details { margin-top: 16px; }
        summary { cursor: pointer; color: var(--soft); font-size: 15px; }
        summary:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; border-radius: 4px; }
        details table { margin-top: 8px; }
        .legend {
          display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 0; padding: 0; list-style: none;
          color: var(--soft); font-size: 14px;
        }
        .legend li { display: flex; align-items: baseline; gap: 8px; min-width: 0; }
        .key { flex: none; width: 18px; height: 0; position: relative; top: -4px; border-top: 3px solid; }
        .key.area { width: 12px; height: 12px; top: 1px; border: 0; border-radius: 3px; background: currentColor; }
        .key.dot { width: 10px; height: 10px; top: 0; border: 0; border-radius: 50%; background: currentColor; }
        .key.dashed { border-top: 2px dashed; color: var(--soft); }
        footer { margin-top: 40px; padding-bottom: 40px; color: var(--soft); font-size: 14px; }
        .s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); }
        .s3 { color: var(--s3); } .s4 { color: var(--s4); } .s5 { color: var(--s5); }
        svg text { fill: var(--soft); font: 12px/1 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        svg .tick { font-size: 11.5px; }
        svg .axis-title { font-size: 12.5px; }
        svg .grid { stroke: var(--grid); }
        svg .axis { stroke: var(--soft); }
        svg .reference { stroke: var(--soft); stroke-dasharray: 4 4; }
        svg .line { fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round; }
        svg .area { fill: currentColor; fill-opacity: 0.1; }
        svg .bar { fill: currentColor; fill-opacity: 0.55; }
        svg .dot { fill: currentColor; stroke: var(--surface); stroke-width: 1.5; }
        @media (max-width: 480px) {
          .card { padding: 16px; }
          table { font-size: 14px; }
          th, td { padding: 8px 6px; }
          .matrix td.number, .matrix thead th.number { padding: 8px 6px; }
          /* Seen whole without scrolling the table it stands on. */
          caption { max-width: calc(100vw - 74px); }
        }
        @media print {
          :root {
            color-scheme: light;
            --ground: #fff; --surface: #fff; --edge: #c9ced6; --grid: #e3e6ea; --ink: #000; --soft: #444c56;
            --s0: #2563eb; --s1: #c2410c; --s2: #0f766e; --s3: #7c3aed; --s4: #be123c; --s5: #4d7c0f;
            --heat: 37 99 235;
          }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          body { font-size: 11pt; }
          header { padding-top: 0; }
          header, main, footer { max-width: none; padding: 0; }
          section { margin-top: 20pt; }
          .card, .tile, tr { break-inside: avoid; }
          h2, h3 { break-after: avoid; }
          .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .cards.wide { grid-template-columns: minmax(0, 1fr); }
          .scroll { overflow: visible; }
        }
        @page { margin: 15mm; }

        """
}
