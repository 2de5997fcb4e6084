"""How the page looks: on a screen, on a phone, in the dark, and on paper."""

from edgevision.evaluate.charts import COLORS

_DARK = """--ground:#0d1217;--panel:#161d25;--line:#2b3642;--text:#e7edf3;--soft:#a3b1bf;--bad:#ff8f86;
--bad-ground:#3a1714;--stripe:#51606e;--veil:#1f2832;"""
_DARK_SERIES = (COLORS[5], COLORS[4], COLORS[2], COLORS[3])  # lighter ones of the same set

STYLE = f"""
:root{{color-scheme:light dark;--ground:#f4f6f8;--panel:#fff;--line:#d8dee4;--text:#17212b;--soft:#51606e;
--bad:#b3261e;--bad-ground:#fbe6e4;--stripe:#aab4be;--veil:#eef1f4;
{"".join(f"--c{n}:{COLORS[n]};" for n in range(4))}}}
@media (prefers-color-scheme:dark){{:root{{{_DARK}
{"".join(f"--c{n}:{color};" for n, color in enumerate(_DARK_SERIES))}}}}}
*{{box-sizing:border-box}}
body{{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--text);
background:var(--ground);margin:0 auto;padding:28px 20px 60px;max-width:1120px;
font-variant-numeric:tabular-nums}}
h1{{font-size:28px;line-height:1.2;letter-spacing:-.01em;margin:0 0 4px}}
h2{{font-size:21px;margin:40px 0 4px}}
h3{{font-size:16px;margin:0;display:flex;gap:8px;align-items:baseline;overflow-wrap:anywhere}}
h3 span{{font-weight:400;font-size:14px;color:var(--soft)}}
p{{margin:4px 0;max-width:75ch;overflow-wrap:anywhere}}.quiet{{color:var(--soft)}}.small{{font-size:14px}}
.short{{list-style:none;margin:20px 0 0;padding:0;background:var(--panel);border:1px solid var(--line);
border-radius:12px}}
.short>li{{padding:12px 18px;border-top:1px solid var(--line)}}.short>li:first-child{{border-top:0}}
.short b{{font-size:17px}}.short p{{margin:2px 0}}
.warn{{color:var(--bad);font-weight:600}}
.two{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:16px;
align-items:start;margin-top:14px}}
.block{{background:var(--panel);border:1px solid var(--line);border-radius:12px;
padding:16px 18px;min-width:0}}
@media (min-width:900px){{.two:has(>:only-child){{grid-template-columns:1fr}}
.two>.block:only-child{{display:grid;grid-template-columns:1fr 1fr;gap:0 32px}}}}
.total{{font-size:22px;font-weight:650;line-height:1.25;margin:6px 0 2px}}
figure{{margin:10px 0 4px}}
figure svg{{display:block;width:100%;height:auto;font-size:12.5px;fill:var(--soft)}}
figcaption{{font-size:14px;color:var(--soft)}}
.grid{{stroke:var(--line);fill:none}}.veil{{fill:var(--veil)}}
.stripe{{stroke:var(--stripe);stroke-width:2;fill:none}}
{"".join(f".c{n}{{fill:var(--c{n})}}.b{n}{{background:var(--c{n})}}" for n in range(4))}
.level{{fill:var(--c2);opacity:.85}}.most{{stroke:var(--soft);stroke-dasharray:4 3;fill:none}}
.legend{{list-style:none;padding:0;margin:4px 0;display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px}}
.legend i{{display:inline-block;width:12px;height:12px;
border-radius:3px;margin-right:6px;vertical-align:-1px}}
.strip{{display:block;width:100%;height:12px;border-radius:6px;margin:8px 0 4px}}
.watched{{fill:var(--c2)}}.missed{{fill:var(--bad)}}
.wide{{overflow-x:auto}}
table{{border-collapse:collapse;font-size:14px;margin:8px 0;min-width:min(100%,340px)}}
th,td{{padding:4px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}}
td.why{{white-space:normal;min-width:150px}}
th:first-child,td:first-child,.left{{text-align:left}}thead th{{color:var(--soft);font-weight:600}}
tbody th{{font-weight:600}}details summary{{cursor:pointer;margin:8px 0 0;color:var(--soft);font-size:14px}}
@media (max-width:480px){{body{{padding:18px 14px 40px}}h1{{font-size:24px}}.block{{padding:14px}}
.total{{font-size:20px}}th,td{{padding:4px 6px}}td.why{{min-width:110px}}figure svg{{font-size:15px}}}}
@page{{size:A4;margin:14mm}}
@media print{{
:root{{color-scheme:light;--ground:#fff;--panel:#fff;--line:#d8dee4;--text:#17212b;--soft:#51606e;--bad:#b3261e;
--stripe:#aab4be;--veil:#eef1f4;{"".join(f"--c{n}:{COLORS[n]};" for n in range(4))}}}
*{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
body{{padding:0;max-width:none;font-size:11pt}}h1{{font-size:20pt}}h2{{font-size:15pt;margin-top:22px}}
.two{{grid-template-columns:1fr 1fr}}.two:has(>:only-child){{grid-template-columns:1fr}}
.two>.block:only-child{{display:grid;grid-template-columns:1fr 1fr;gap:0 24px}}.total{{font-size:15pt}}
.block,.short>li,tr{{break-inside:avoid}}h2,h2+p{{break-after:avoid}}details{{display:none}}
figure svg{{font-size:16px}}}}
"""
