/** The style sheet of all pages. It is inline, so that pages load no other files. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --ground: #f5f4f0; --surface: #ffffff; --sunken: #f0eee8; --line: #d9d6ce; --field: #8b8778;
  --text: #1e2022; --muted: #5a5f68; --accent: #22595e; --on-accent: #ffffff; --accent-soft: #e3eeee;
  --note: #fbf0d4; --on-note: #5e4200; --bad: #a1261b; --bad-soft: #fbe9e6;
  --shadow: 0 1px 2px rgb(30 32 34 / 6%), 0 8px 28px rgb(30 32 34 / 7%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --surface: #1c2024; --sunken: #23282d; --line: #363c43; --field: #7d858f;
    --text: #e9e8e4; --muted: #a7adb6; --accent: #86cdd1; --on-accent: #0d2426; --accent-soft: #1f3437;
    --note: #372c12; --on-note: #f3d68f; --bad: #ff9d90; --bad-soft: #3d2220;
    --shadow: 0 1px 2px rgb(0 0 0 / 30%), 0 8px 28px rgb(0 0 0 / 25%);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  display: flex; flex-direction: column;
}
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 640; letter-spacing: -.01em; margin: 0; }
h2 { font-size: 1rem; font-weight: 640; margin: 0; }
p { margin: 0; }
a { color: var(--accent); text-underline-offset: .18em; }
code, .code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.muted { color: var(--muted); }
.small { font-size: .875rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.note { background: var(--note); color: var(--on-note); text-align: center; font-size: .875rem; padding: .5rem 1rem; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--surface); padding: .5rem 1rem; border-radius: .5rem; z-index: 1; }
.skip:focus { top: .5rem; }
header.bar {
  display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between;
  padding: .875rem max(1.25rem, calc((100% - 57.5rem) / 2)); border-bottom: 1px solid var(--line); background: var(--surface);
}
header.bar b { font-weight: 640; }
nav { display: flex; gap: .25rem; }
nav a { padding: .375rem .75rem; border-radius: .5rem; color: var(--muted); text-decoration: none; }
nav a:hover { background: var(--sunken); color: var(--text); }
nav a[aria-current] { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
main { width: 100%; max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; flex: 1; }
main.narrow { max-width: 26.5rem; padding-top: clamp(1.5rem, 9vh, 6rem); }
.head { display: flex; flex-wrap: wrap; gap: .75rem 1rem; justify-content: space-between; align-items: end; margin-bottom: 1.5rem; }
.head p { margin-top: .25rem; max-width: 42rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: .875rem; box-shadow: var(--shadow); }
main.narrow .card { padding: 1.75rem; display: grid; gap: 1.25rem; }
form { display: grid; gap: 1rem; margin: 0; }
.field { display: grid; gap: .375rem; }
label { font-weight: 560; font-size: .9375rem; }
input[type=text], input[type=password], input[type=search] {
  font: inherit; color: inherit; width: 100%; padding: .625rem .75rem; background: var(--surface);
  border: 1px solid var(--field); border-radius: .5rem;
}
button {
  font: inherit; font-weight: 560; color: var(--text); background: var(--surface); cursor: pointer; min-height: 2.5rem;
  border: 1px solid var(--field); border-radius: .5rem; padding: .375rem .875rem;
}
button:hover { background: var(--sunken); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); min-height: 2.75rem; }
button.primary:hover { filter: brightness(1.1); }
button.danger { color: var(--bad); border-color: var(--bad); }
button.danger:hover { background: var(--bad-soft); }
button.quiet { border-color: transparent; background: none; color: var(--accent); padding-inline: .5rem; }
button.quiet:hover { background: var(--accent-soft); }
button.tiny { min-height: 2rem; padding: .125rem .625rem; font-size: .875rem; }
.alert { background: var(--bad-soft); color: var(--bad); border-radius: .5rem; padding: .625rem .75rem; font-size: .9375rem; }
.divider { display: grid; gap: .25rem; border-top: 1px solid var(--line); padding-top: 1.25rem; }
.tag {
  display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1.4; padding: .125rem .5rem; border-radius: 1rem;
  background: var(--sunken); color: var(--muted); white-space: nowrap;
}
.tag.warn { background: var(--note); color: var(--on-note); }
.tag.bad { background: var(--bad-soft); color: var(--bad); }
.choices { list-style: none; display: grid; gap: .5rem; grid-template-columns: minmax(0, 1fr); max-height: 17.5rem; overflow: auto; padding: .25rem; margin: .375rem -.25rem 0; }
.choice { width: 100%; text-align: left; display: flex; gap: .75rem; align-items: center; padding: .5rem .75rem; }
.choices form { grid-template-columns: minmax(0, 1fr); }
.choice .lines { min-width: 0; display: grid; line-height: 1.35; }
.choice .lines span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.choice .muted { font-weight: 400; }
.initials {
  flex: none; width: 2rem; height: 2rem; border-radius: 50%; display: grid; place-items: center; font-size: .8125rem; font-weight: 640;
  background: var(--accent-soft); color: var(--accent);
}
.list { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; grid-template-columns: minmax(0, 1fr); }
.message { display: grid; grid-template-columns: 1fr auto; gap: .25rem 1.25rem; align-items: center; padding: 1rem 1.25rem; }
.message .code { font-size: 1.625rem; font-weight: 600; letter-spacing: .12em; font-variant-numeric: tabular-nums; }
.message .to { overflow-wrap: anywhere; font-weight: 560; }
.message .side { display: flex; gap: .75rem; align-items: center; grid-row: span 2; }
.fresh { animation: fresh 2s ease-out; }
@keyframes fresh { from { background: var(--accent-soft); } }
@media (prefers-reduced-motion: reduce) { .fresh { animation: none; } }
@media (max-width: 34rem) { .message { grid-template-columns: 1fr; } .message .side { grid-row: auto; justify-content: space-between; } }
.empty { text-align: center; padding: 3.5rem 1.5rem; color: var(--muted); display: grid; gap: .5rem; }
.user { padding: 1.125rem 1.25rem; display: grid; gap: .875rem; }
.user .top { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; }
.user .top .identity { min-width: 0; flex: 1 1 12rem; overflow-wrap: anywhere; }
.user .actions { display: flex; flex-wrap: wrap; gap: .5rem; }
.tags { display: inline-flex; flex-wrap: wrap; gap: .375rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem 1.5rem; margin: 0; }
dt { color: var(--muted); font-size: .8125rem; }
dd { margin: 0; overflow-wrap: anywhere; }
dl.wide { grid-template-columns: 11rem minmax(0, 1fr); padding: 1.25rem; gap: .625rem 1.5rem; align-items: baseline; }
@media (max-width: 34rem) { dl.wide { grid-template-columns: 1fr; gap: .125rem; } dl.wide dd { margin-bottom: .625rem; } }
.scopes { margin: 0; padding-left: 1.25rem; display: grid; gap: .25rem; }
details summary { cursor: pointer; color: var(--muted); font-size: .875rem; width: max-content; border-radius: .25rem; }
pre { margin: .5rem 0 0; padding: .75rem; background: var(--sunken); border-radius: .5rem; overflow: auto; font-size: .8125rem; line-height: 1.45; }
section + section { margin-top: 2rem; }
section > h2 { margin-bottom: .625rem; }
dialog {
  border: 1px solid var(--line); border-radius: .875rem; background: var(--surface); color: var(--text); padding: 1.5rem;
  max-width: 26rem; box-shadow: var(--shadow);
}
dialog::backdrop { background: rgb(15 17 20 / 45%); }
dialog form { margin-top: 1rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: flex-end; }
`;
