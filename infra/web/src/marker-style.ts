export const markerStyle = `
form>div{margin-top:1em}
[part=picture]{position:relative;width:fit-content;margin:.25em auto;cursor:crosshair;touch-action:pinch-zoom;user-select:none}
img{display:block;max-width:100%;max-height:40vh}
[part=mark]{position:absolute;box-sizing:border-box;border:2px solid #d0004f;box-shadow:0 0 0 2px #fff;forced-color-adjust:none}
output{display:block}`;
