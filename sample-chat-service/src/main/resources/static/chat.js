'use strict';
const $ = id => document.getElementById(id);
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
const MAX_BYTES = 4096;
const FAREWELLS = {1001: 'The service is restarting.', 1008: 'The service has closed the connection.',
  1009: 'That was too long for the service.', 1011: 'The service had a problem with this connection.',
  1012: 'The service is restarting.', 1013: 'This connection was too slow.'};

const state = {
  user: '', room: '', socket: null, attempts: 0, retry: 0, members: new Set(),
  seq: 0,               // the last message shown
  pending: new Map(),   // what is not acknowledged yet, by id
  to: null,             // whom a direct message goes to
  fatal: null,          // a problem after which it makes no sense to connect again
  isIn: false,          // whether this user has been in this room
};
/** Problems that another attempt does not solve. A name may be taken by one's own lost connection, for a while. */
const FATAL = ['too-many-rooms', 'room-full', 'name-taken'];
const MAX_NAME_TAKEN = 12;

// --- connection

function connect() {
  clearTimeout(state.retry);
  const {room, user} = state;
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${encodeURIComponent(room)}?user=${encodeURIComponent(user)}`);
  state.socket = socket;
  status('wait', state.attempts ? 'Connecting again…' : 'Connecting…');
  socket.onmessage = event => { if (socket === state.socket) receive(JSON.parse(event.data)); };
  socket.onclose = event => {
    if (socket !== state.socket) return;
    state.socket = null;
    if (state.fatal) return showDoor(state.fatal);
    state.attempts++;
    const seconds = Math.min(15, 0.5 * 2 ** Math.min(state.attempts, 6)) * (0.5 + Math.random() / 2);
    status('off', 'Offline');
    if (event.reason !== 'name-taken' && (state.attempts > 1 || FAREWELLS[event.code])) toast(`${FAREWELLS[event.code] || 'No connection.'} Trying again…`);
    state.retry = setTimeout(connect, seconds * 1000);
  };
}

function receive(frame) {
  switch (frame.type) {
    case 'welcome': return welcome(frame);
    case 'message': return message(frame);
    case 'direct': return direct(frame);
    case 'joined': state.members.add(frame.user); showMembers(); return note(`${frame.user} came in`);
    case 'left': state.members.delete(frame.user); showMembers(); return note(`${frame.user} left`);
    case 'error': return problem(frame);
  }
}

function welcome(frame) {
  const again = state.seq > 0 || state.attempts > 0;
  state.attempts = 0;
  state.isIn = true;
  state.members = new Set(frame.members);
  status('on', 'Connected');
  hideToast();
  showMembers();
  loadRooms();
  if (again && frame.history.length && frame.history[0].seq > state.seq + 1) note('Some messages are missing here');
  if (!again && !frame.history.length) note(`This is the beginning of ${frame.room}`);
  // Numbers that start afresh: the service has lost its memory.
  const last = frame.history.length ? frame.history.at(-1).seq : 0;
  if (again && last < state.seq) { note('The service started afresh'); state.seq = 0; }
  $('log').setAttribute('aria-busy', 'true'); // nobody wants to hear a hundred messages
  frame.history.forEach(message);
  setTimeout(() => $('log').removeAttribute('aria-busy'), 500);
  for (const {frame: unsaid} of state.pending.values()) sendFrame(unsaid);
}

function message(frame) {
  if (frame.seq <= state.seq) return;
  state.seq = frame.seq;
  const mine = frame.user === state.user;
  const waiting = mine && frame.id ? state.pending.get(frame.id) : null;
  if (waiting) { state.pending.delete(frame.id); waiting.element.remove(); }
  add(bubble(frame.user, frame.text, frame.at, {mine, seq: frame.seq}), mine);
}

function direct(frame) {
  const mine = frame.from === state.user;
  add(bubble(frame.from, frame.text, frame.at, {mine, direct: mine ? `to ${frame.to}` : 'to you'}), mine);
}

function problem(frame) {
  if (FATAL.includes(frame.code)) {
    if (frame.code !== 'name-taken' || !state.isIn || state.attempts > MAX_NAME_TAKEN) state.fatal = frame.message;
    else toast(`${frame.message} If it is you, from before the connection was lost, it leaves soon.`);
    return;
  }
  if (frame.code === 'too-fast' || frame.code === 'busy') giveBack();
  toast(frame.message);
}

/** What was refused goes back to where it was typed. */
function giveBack() {
  const [id, last] = [...state.pending].at(-1) || [];
  if (!id) return;
  state.pending.delete(id);
  last.element.remove();
  if (!$('text').value) { $('text').value = last.frame.text; grow(); }
}

function sendFrame(frame) {
  if (state.socket?.readyState === WebSocket.OPEN) state.socket.send(JSON.stringify(frame));
}

function say(text) {
  if (state.to) {
    if (state.socket?.readyState !== WebSocket.OPEN) return toast('Offline: wait for the connection.'), false;
    sendFrame({type: 'direct', to: state.to, text});
    return true;
  }
  const id = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  const frame = {type: 'say', text, id};
  const element = bubble(state.user, text, null, {mine: true, pending: true});
  state.pending.set(id, {frame, element});
  add(element, true);
  sendFrame(frame);
  return true;
}

// --- what is shown

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function avatar(name, into) {
  let hue = 7;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  const circle = into || element('span', 'avatar');
  circle.setAttribute('aria-hidden', 'true');
  circle.style.setProperty('--hue', hue);
  circle.textContent = [...name][0] || '';
  return circle;
}

function bubble(user, text, at, {mine = false, seq = 0, direct = '', pending = false}) {
  const item = element('li', 'message');
  item.dataset.by = direct ? `${user} ${direct}` : user;
  item.classList.toggle('mine', mine);
  item.classList.toggle('direct', !!direct);
  item.classList.toggle('pending', pending);
  if (seq) item.dataset.seq = seq;
  const body = element('div', 'bubble', text);
  const time = at ? new Date(at).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'}) : 'sending…';
  const meta = element('span', 'meta', seq ? `#${seq} · ${time}` : time);
  if (at) meta.title = new Date(at).toLocaleString();
  body.append(meta);
  item.append(avatar(user), element('span', 'by', direct ? `${user} ${direct}` : user), body);
  return item;
}

function note(text) { add(element('li', 'note', text), false); }

function add(item, follow) {
  const log = $('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const waiting = log.querySelector('.pending');
  if (waiting && !item.classList.contains('pending')) log.insertBefore(item, waiting);
  else log.append(item);
  const before = item.previousElementSibling;
  item.classList.toggle('first', !before || before.dataset.by !== item.dataset.by);
  while (log.children.length > 500) log.firstElementChild.remove();
  if (atEnd || follow) log.scrollTop = log.scrollHeight;
  else $('newest').hidden = false;
}

/** Shows other items in a list; who has the focus there keeps it. */
function fill(list, items) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  list.replaceChildren(...items);
  if (focused !== null) [...list.querySelectorAll('button')].find(button => button.dataset.name === focused)?.focus();
}

function entry(name, decoration, trailing) {
  const button = element('button', 'plain');
  button.dataset.name = name;
  button.append(decoration, element('span', 'name', name), ...trailing);
  const item = element('li');
  item.append(button);
  return {item, button};
}

function showMembers() {
  const names = [...state.members].sort((a, b) => a.localeCompare(b));
  $('memberCount').textContent = names.length || '';
  const here = $('rooms').querySelector('[aria-current=true] .count');
  if (here) here.textContent = names.length;
  $('who').textContent = names.length === 1 ? 'just you' : `${names.length} people`;
  fill($('members'), names.map(name => {
    const me = name === state.user;
    const {item, button} = entry(name, avatar(name), me ? [element('span', 'count', 'you')] : []);
    if (me) {
      button.disabled = true;
    } else {
      button.title = `Write to ${name} only`;
      button.onclick = () => speakTo(name);
    }
    return item;
  }));
}

async function loadRooms() {
  try {
    const rooms = await (await fetch('api/rooms')).json();
    $('doorRooms').replaceChildren(...rooms.slice(0, 50).map(({room}) => { const o = element('option'); o.value = room; return o; }));
    if (!state.room) return;
    if (!rooms.some(({room}) => room === state.room)) rooms.push({room: state.room});
    for (const line of rooms) if (line.room === state.room && state.members.size) line.members = state.members.size;
    rooms.sort((a, b) => (b.members || 0) - (a.members || 0) || a.room.localeCompare(b.room));
    fill($('rooms'), rooms.slice(0, 200).map(({room, members}) => {
      const count = members ? [element('span', 'count', members)] : [];
      if (members) count[0].title = `${members} in this room`;
      const {item, button} = entry(room, element('span', 'hash', '#'), count);
      if (room === state.room) button.setAttribute('aria-current', 'true');
      button.onclick = () => enter(state.user, room);
      return item;
    }));
  } catch { /* the list stays as it is until the service is back */ }
}

function speakTo(name) {
  state.to = name;
  $('to').hidden = !name;
  $('toText').textContent = name ? `Only ${name} will see this` : '';
  $('text').placeholder = name ? `Write to ${name}` : `Say something in ${state.room}`;
  closeSide();
  $('text').focus();
}

function status(kind, text) { $('status').dataset.state = kind; $('status').replaceChildren(element('span', 'long', text)); $('status').title = text; }

let toastTimer = 0;
function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(hideToast, 6000);
}
function hideToast() { $('toast').hidden = true; }

/** On a phone rooms and members slide in over the messages, which cannot be reached meanwhile. */
function openSide(open) {
  document.body.classList.toggle('open', open);
  $('menu').setAttribute('aria-expanded', String(open));
  $('main').inert = open;
  (open ? $('side').querySelector('button') : $('menu')).focus();
}
function closeSide() {
  if (document.body.classList.contains('open')) openSide(false);
}

function grow() {
  const text = $('text');
  text.style.height = 'auto';
  text.style.height = text.value ? `${text.scrollHeight + 2}px` : '';
  text.style.overflowY = text.scrollHeight > 138 ? 'auto' : 'hidden';
  const left = MAX_BYTES - new TextEncoder().encode(text.value).length;
  $('room-left').hidden = left > 500;
  $('room-left').textContent = left < 0 ? `${-left} bytes too long` : `${left} bytes left`;
  $('room-left').classList.toggle('over', left < 0);
  $('send').disabled = left < 0 || !text.value.trim();
}

// --- coming and going

function roomOfAddress() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ''; }
}

function enter(user, room) {
  if (room === state.room && state.socket) return closeSide();
  closeSide();
  disconnect();
  Object.assign(state, {user, room, attempts: 0, members: new Set(), seq: 0, pending: new Map(), fatal: null, isIn: false});
  try { localStorage.setItem('chat-user', user); } catch { /* private window */ }
  history.replaceState(null, '', `#${encodeURIComponent(room)}`);
  document.title = `${room} · Chat`;
  $('title').textContent = `#${room}`;
  $('who').textContent = '';
  $('me').querySelector('.name').textContent = user;
  avatar(user, $('me').querySelector('.avatar'));
  $('log').replaceChildren();
  $('newest').hidden = true;
  $('door').hidden = true;
  $('chat').hidden = false;
  grow();
  speakTo(null);
  loadRooms();
  connect();
}

function disconnect() {
  clearTimeout(state.retry);
  const socket = state.socket;
  state.socket = null;
  if (socket) socket.close();
}

function showDoor(why) {
  disconnect();
  const room = state.room;
  state.room = '';
  document.title = 'Chat';
  $('chat').hidden = true;
  $('door').hidden = false;
  $('doorProblem').hidden = !why;
  $('doorProblem').textContent = why || '';
  $('doorRoom').value = room || $('doorRoom').value;
  $('doorUser').focus();
}

function checkName(input) {
  input.setCustomValidity(!input.value || NAME.test(input.value.trim()) ? '' : 'Letters, digits, dots, dashes and underscores, please; a letter or digit first.');
}

addEventListener('hashchange', () => {
  const room = roomOfAddress();
  if (state.room && room !== state.room && NAME.test(room)) enter(state.user, room);
});

$('enter').onsubmit = event => {
  event.preventDefault();
  $('doorProblem').hidden = true;
  enter($('doorUser').value.trim(), $('doorRoom').value.trim());
};
$('doorUser').oninput = $('doorRoom').oninput = event => checkName(event.target);
$('newRoomName').oninput = event => checkName(event.target);
$('newRoom').onsubmit = event => {
  event.preventDefault();
  const room = $('newRoomName').value.trim();
  $('newRoomName').value = '';
  if (room) enter(state.user, room);
};
$('composer').onsubmit = event => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text || $('send').disabled) return;
  if (say(text)) { $('text').value = ''; grow(); }
  $('text').focus();
};
$('text').oninput = grow;
$('text').onkeydown = event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); $('composer').requestSubmit(); }
  if (event.key === 'Escape' && state.to) speakTo(null);
};
$('toNobody').onclick = () => speakTo(null);
$('leave').onclick = () => { closeSide(); showDoor(); };
$('menu').onclick = () => openSide(true);
$('scrim').onclick = closeSide;
matchMedia('(min-width: 721px)').onchange = closeSide;
document.onkeydown = event => { if (event.key === 'Escape') closeSide(); };
$('newest').onclick = () => { $('log').scrollTop = $('log').scrollHeight; };
$('log').onscroll = () => { const log = $('log'); if (log.scrollHeight - log.scrollTop - log.clientHeight < 80) $('newest').hidden = true; };
addEventListener('online', () => { if (state.room && !state.socket) connect(); });
setInterval(() => { if (state.room && !document.hidden) loadRooms(); }, 5000);

try { $('doorUser').value = localStorage.getItem('chat-user') || ''; } catch { /* private window */ }
$('doorRoom').value = roomOfAddress() || 'lobby';
grow();
loadRooms();
