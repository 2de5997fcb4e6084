"""How pages of what was measured look; apart, as who draws them need not have what measures networks."""

STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;margin:0 auto;padding:24px 20px 60px;
max-width:1180px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px}h2{font-size:22px;margin:44px 0 8px;
border-top:1px solid #d9dee4;padding-top:24px}
h3{font-size:17px;margin:28px 0 8px}p{margin:6px 0;max-width:75ch}.quiet{color:#57606a}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:15px;font-variant-numeric:tabular-nums}
th,td{padding:5px 9px;text-align:right;border-bottom:1px solid #e6eaee;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{color:#57606a;font-weight:600}tbody th{font-weight:600}
.confusion{font-size:13px}
.confusion td{min-width:38px;padding:4px 6px;text-align:center;border:1px solid #e6eaee}
.confusion th{padding:4px 8px;border:0;text-align:right}.confusion .dark{color:#fff}
.confusion th[scope=col]{vertical-align:bottom;text-align:left}
.confusion th[scope=col] span{writing-mode:vertical-rl;transform:rotate(180deg)}
figure{margin:0}svg{width:100%;max-width:560px;height:auto;font-size:12px;fill:#57606a}.grid{stroke:#e6eaee}
.legend{list-style:none;padding:0;margin:6px 0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px}
.legend i{display:inline-block;width:14px;height:14px;border-radius:3px;margin-right:6px;vertical-align:-2px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px;align-items:start}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:18px}
.shots img{width:100%;height:auto;border-radius:6px;display:block;background:#eef1f4}
.shots figcaption{font-size:14px;margin-top:6px;overflow-wrap:anywhere}
details summary{cursor:pointer;margin:12px 0}
"""
