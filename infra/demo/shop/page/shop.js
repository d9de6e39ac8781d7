// What an app's page does: it buys and makes by its own server, and asks Makegood for the rest by a session of the customer's.
"use strict";

const customer = new URLSearchParams(location.search).get("customer") || "demo";
const at = (id) => document.getElementById(id);
const make = (tag, fields = {}, ...content) => {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...content);
  return made;
};

const read = async (answer) => {
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.detail || `The answer is ${answer.status}.`), { status: answer.status });
  return body;
};
const shop = async (path, order) => read(await fetch(`/demo/${path}`, { method: "POST", body: JSON.stringify({ customer, ...order }) }));
const getSession = async () => (await shop("session")).token;

let token;
async function makegood(path) {
  for (let attempt = 1; ; attempt++) {
    token ||= await getSession();
    try {
      return await read(await fetch(`/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } }));
    } catch (failure) {
      if (failure.status !== 401 || attempt > 1) throw failure;
      token = ""; // it lasts an hour
    }
  }
}

let policy;
const credits = (amount) => `${amount / 10 ** policy.unit.scale} ${policy.unit.name}`;
const price = ({ currency, minor }) => {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
};

async function showBalance() {
  const { balance } = await makegood(`customers/${encodeURIComponent(customer)}`);
  at("balance").textContent = credits(balance.available) + (balance.owed ? `, ${credits(balance.owed)} owed` : "");
}

const outcome = ({ state, price, refunded }) =>
  ({
    held: "On its way…",
    failed: "It failed. What becomes of its price is being decided…",
    captured: `It cost ${credits(price)}.`,
    released: `It failed, and cost nothing: ${credits(price)} are back.`,
    refunded: `Refunded: ${credits(refunded)} are back.`,
  })[state];

const shown = new Map();
function showPicture(generation) {
  let item = shown.get(generation.id);
  if (!item) {
    item = make("li", {}, make("p"));
    shown.set(generation.id, item);
    // Each that comes is newer than those before.
    at("pictures").prepend(item);
  }
  if (generation.came && !item.querySelector("img")) {
    const picture = `/demo/pictures/${generation.reference}`;
    item.prepend(make("img", { src: picture, alt: "A picture that was made for you", width: 480, height: 320 }));
    item.append(make("makegood-report", { generation: generation.id, picture, getSession }));
  }
  item.querySelector("p").textContent = outcome(generation);
}

async function showPictures() {
  const { generations } = await makegood(`customers/${encodeURIComponent(customer)}/generations`);
  generations.reverse().forEach(showPicture);
}

const show = () => Promise.all([showBalance(), showPictures()]);

/** Does something at the person's wish; meanwhile they cannot wish it again. */
async function act(button, what) {
  button.disabled = true;
  at("problem").textContent = "";
  try {
    await what();
    await show();
  } catch (failure) {
    at("problem").textContent = failure.message;
  }
  button.disabled = false;
}

let told = 0;
async function listen() {
  try {
    const notices = await read(await fetch(`/demo/notices?customer=${encodeURIComponent(customer)}`));
    for (const { data, timestamp } of notices.slice(told)) {
      at("notices").prepend(make("li", {}, make("time", { dateTime: timestamp }, new Date(timestamp).toLocaleTimeString()), ` ${data.words ?? data.reason}`));
    }
    if (notices.length > told) {
      told = notices.length;
      await show();
    }
  } catch {
    // The stack is gone, or asks to wait: the next look may find it.
  }
  setTimeout(listen, 1000);
}

async function begin() {
  at("customer").textContent = customer;
  Object.assign(at("claim"), { customer, getSession });
  at("unbuilt").hidden = Boolean(customElements.get("makegood-report"));
  policy = await makegood("policy");
  for (const { name, price: cost } of policy.packages) {
    const buy = make("button", { type: "button" }, `Buy ${name} for ${price(cost)}`);
    buy.onclick = () => act(buy, () => shop("purchases", { package: name }));
    at("packages").append(buy);
  }
  at("make").onsubmit = (event) => {
    event.preventDefault();
    act(event.submitter, async () => showPicture(await shop("pictures", { kind: at("kind").value })));
  };
  document.addEventListener("mg-answered", show);
  await show();
  await listen();
}

begin().catch((failure) => (at("problem").textContent = failure.message));
