export const style = `
dialog{--a:var(--mg-accent,light-dark(#0b57d0,#a8c7fa));--s:var(--mg-surface,light-dark(#fff,#1f1f1f));
color-scheme:var(--mg-color-scheme,light dark);background:var(--s);color:var(--mg-text,CanvasText);font:var(--mg-font,1rem/1.5 system-ui,sans-serif);
border:1px solid;border-radius:var(--mg-radius,.75em);box-sizing:border-box;width:min(28em,calc(100vw - 2em));padding:1.25em;scroll-padding-bottom:5em}
dialog::backdrop{background:#0008}
header{display:flex;gap:1em;align-items:start;justify-content:space-between}
h2{font-size:1.1em;margin:0}
p{margin:.75em 0 0}p:empty{display:none}
[part=status]{position:sticky;bottom:-1.25em;padding-bottom:1.25em;background:var(--s)}
fieldset{border:0;margin:1em 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.5em}
legend{padding:0;margin-bottom:.5em}
fieldset label{display:flex;gap:.5em;align-items:center;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.4em .75em;cursor:pointer}
fieldset label:has(:checked){border-color:var(--a);box-shadow:0 0 0 1px var(--a)}
[type=radio]{accent-color:var(--a);margin:0;width:1.1em;height:1.1em}
form>label{display:block;margin-top:1em}
textarea,[part=field]{display:block;box-sizing:border-box;width:100%;margin-top:.25em;font:inherit;color:inherit;background:transparent;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.5em;min-height:2.5em}
button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:var(--mg-radius,.5em);padding:.5em 1em;min-height:2.5em;cursor:pointer}
button[part=submit]{margin-top:1em;background:var(--a);border-color:var(--a);color:var(--s)}
.close{border:0;padding:0;min-height:2em;min-width:2em;flex:none}
:focus-visible{outline:2px solid var(--a);outline-offset:2px}
[inert]{opacity:.6}
@media (forced-colors:active){fieldset label:has(:checked){outline:2px solid Highlight}}`;
