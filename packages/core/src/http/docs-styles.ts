/** The look of the docs page, light and dark. */
export const STYLES = `
:root { color-scheme: light dark; --line: #d9dee5; --soft: #f4f6f9; --text: #1b2330; --dim: #5a6678; --accent: #0b6bcb; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --line: #2b3340; --soft: #171d26; --text: #dde4ee; --dim: #93a0b4; --accent: #6cb2ff; --page: #0f141b; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 18rem minmax(0, 1fr); font: 15px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1.25rem; border-right: 1px solid var(--line); background: var(--soft); }
nav h1 { margin: 0; font-size: 1.3rem; }
nav p { margin: 0 0 1rem; color: var(--dim); }
nav h2 { margin: 1.2rem 0 .3rem; font-size: .75rem; letter-spacing: .08em; text-transform: uppercase; color: var(--dim); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: .15rem 0; font-size: .82rem; overflow-wrap: anywhere; color: inherit; }
main { padding: 2rem 2.5rem 6rem; max-width: 62rem; }
.lead { font-size: 1.05rem; }
section { border-top: 1px solid var(--line); padding: 1.4rem 0 .6rem; }
h3 { margin: 0 0 .4rem; font-size: 1.05rem; }
h4 { margin: 1.1rem 0 .3rem; font-size: .85rem; color: var(--dim); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--soft); border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th { text-align: left; font-weight: 600; color: var(--dim); }
td, th { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td p { margin: 0; }
b.get, b.post, b.put, b.delete { display: inline-block; min-width: 3.4rem; font: 600 .72rem ui-monospace, monospace; }
b.get { color: #1a7f46; } b.post { color: #0b6bcb; } b.put { color: #a86500; } b.delete { color: #c0362c; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; } main { padding: 1.5rem 1.25rem; } }
`;
