export const claimStyle = `
dialog{--e:light-dark(#b3261e,#f2b8b5)}
.field{margin-top:1em}
.money{display:flex;flex-wrap:wrap;gap:0 .5em}.money>:is(label,small){flex-basis:100%}
.money [part=field]{flex:1;width:6em}
[aria-invalid=true]{border-color:var(--e)}
[part=error]{color:var(--e)}
small{display:block}
ul{list-style:none;margin:0;padding:0}
li{display:flex;align-items:center}
li div{flex:1;overflow-wrap:anywhere}`;
