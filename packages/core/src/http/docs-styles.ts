/** The colours of every page, light and dark. */
export const COLOURS = `
:root { color-scheme: light dark; --page: #fff; --soft: #f6f8fa; --line: #e1e6ec; --text: #1c2430; --dim: #5b6777; --accent: #0a63c2;
  --get: #177245; --post: #0a63c2; --put: #9a5b00; --delete: #b8322a; --code: #f2f5f8; }
@media (prefers-color-scheme: dark) { :root { --page: #0e131a; --soft: #131a23; --line: #26303d; --text: #dfe6ef; --dim: #94a2b5; --accent: #6fb3ff;
  --get: #5fd197; --post: #6fb3ff; --put: #f0b45c; --delete: #ff8a80; --code: #18212c; } }
* { box-sizing: border-box; }
`;

/** The look of the API reference. */
export const STYLES = `${COLOURS}
html { scroll-padding-top: 1rem; }
body { margin: 0; display: grid; grid-template-columns: 17.5rem minmax(0, 1fr); font: 15px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.4rem 1.1rem; border-right: 1px solid var(--line); background: var(--soft); }
.brand { margin: 0 0 1rem; color: var(--dim); font-size: .85rem; }
.brand b { display: block; font-size: 1.25rem; letter-spacing: -.01em; color: var(--text); }
nav h2 { margin: 1.3rem 0 .35rem; font-size: .72rem; letter-spacing: .08em; text-transform: uppercase; color: var(--dim); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem .35rem; border-radius: 5px; font-size: .82rem; color: inherit; }
nav li a span { overflow-wrap: anywhere; }
nav li a:hover { background: var(--code); text-decoration: none; }
main { padding: 2.2rem 2.6rem 6rem; max-width: 84rem; }
h1 { margin: 0 0 .3rem; font-size: 2rem; letter-spacing: -.02em; }
main > h2 { margin: 3.2rem 0 .2rem; font-size: 1.45rem; letter-spacing: -.01em; }
main > h2 + p { margin: 0 0 1rem; color: var(--dim); }
.lead { margin: 0 0 1.4rem; font-size: 1.1rem; color: var(--dim); }
dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .5rem 1rem; margin: 0; padding: 1rem 1.2rem; background: var(--soft); border: 1px solid var(--line); border-radius: 8px; }
dt { font-weight: 600; } dd { margin: 0; }
section { border-top: 1px solid var(--line); padding: 1.6rem 0 1.4rem; }
.operation { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 26rem); gap: 0 2.4rem; }
.sample { position: sticky; top: 1rem; align-self: start; min-width: 0; }
h3 { margin: 0 0 .5rem; font-size: 1.08rem; overflow-wrap: anywhere; }
h3 code { font-size: 1rem; background: none; padding: 0; }
h4 { margin: 1.2rem 0 .35rem; font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; color: var(--dim); }
h4 small { margin-left: .4rem; font-weight: 400; letter-spacing: 0; text-transform: none; }
.sample h4:first-child { margin-top: 0; }
p { margin: 0 0 .7rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
code { padding: .08em .3em; border-radius: 4px; background: var(--code); overflow-wrap: anywhere; }
pre { margin: 0; padding: .85rem 1rem; max-height: 34rem; overflow: auto; background: var(--soft); border: 1px solid var(--line); border-radius: 8px; }
pre code, td:first-child code, .brand code { padding: 0; background: none; overflow-wrap: normal; }
table { width: 100%; overflow-wrap: anywhere; border-collapse: collapse; font-size: .88rem; }
th { padding: .3rem .8rem .3rem 0; text-align: left; font-weight: 600; color: var(--dim); border-bottom: 1px solid var(--line); }
td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.fields td:nth-child(1) { width: 40%; } .fields td:nth-child(2) { width: 24%; }
.answers td:nth-child(1) { width: 4rem; }
td code { font-size: 12px; }
.required { font-size: .72rem; color: var(--delete); white-space: nowrap; }
.default { color: var(--dim); font-size: .8rem; }
.public { padding: .1rem .45rem; border: 1px solid var(--line); border-radius: 99px; font-size: .7rem; font-weight: 400; color: var(--dim); vertical-align: middle; }
.method { font: 700 .7rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; min-width: 3.1rem; }
h3 .method { display: inline-block; min-width: 0; margin-right: .3rem; padding: .1rem .45rem; border: 1px solid currentColor; border-radius: 5px; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
.status { font-weight: 700; } .s2 { color: var(--get); } .s4 { color: var(--put); } .s5 { color: var(--delete); }
@media (max-width: 80rem) { .operation { grid-template-columns: minmax(0, 1fr); } .sample { position: static; margin-top: 1rem; } }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); } .names { display: none; } main { padding: 1.5rem 1.1rem 4rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
`;
