// What the forms gain from a script: the browser's time zone, a filter over the topics, and chips for the chosen ones.
// Everything works without it; nothing here is needed to subscribe.

/** Messages come in the page's language, with places in brackets: "[n] topics match". */
const say = (message, values) => message.replace(/\[(\w+)\]/g, (_, name) => values[name]);

// After a refused form, the reader starts at what went wrong.
const problems = document.querySelector('[data-problems]');
problems?.focus();

// Only a first visit gets a guess: a form that came back, or was saved before, holds the reader's own choice.
const zone = document.querySelector('[data-timezone]');
if (zone && zone.value === 'UTC' && !problems && document.body.classList.contains('on-landing')) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Browsers and servers disagree on a few spellings (Kolkata, Calcutta), so only a zone on the list is taken.
  if ([...zone.options].some((option) => option.value === guess)) zone.value = guess;
}

for (const picker of document.querySelectorAll('[data-topics]')) {
  const { sayMatch, sayMatches, sayCount, sayRemove, sayAdded, sayRemoved } = picker.dataset;
  const filter = picker.querySelector('[type=search]');
  const said = picker.querySelector('[data-said]');
  const none = picker.querySelector('[data-none]');
  const chips = picker.querySelector('[data-chips]');
  const nothing = picker.querySelector('[data-nothing]');
  const total = picker.querySelector('[data-total]');
  const boxes = [...picker.querySelectorAll('[name=topics]')];
  const nameOf = (box) => box.closest('.topic').querySelector('b').textContent;

  // The chosen ones stand first where no script shows chips; here each goes back to its group.
  const first = picker.querySelector('[data-chosen]');
  for (const label of [...(first?.querySelectorAll('.topic') ?? [])].reverse()) {
    picker.querySelector(`details[data-group="${label.dataset.group}"] > summary`).after(label);
  }
  first?.remove();

  const groups = [...picker.querySelectorAll('details')].map((details) => ({
    details,
    size: details.querySelector('summary small'),
    openBefore: details.open,
    topics: [...details.querySelectorAll('.topic')].map((label) => ({ label, words: label.textContent.toLowerCase() })),
  }));
  let filtering = false;

  const applyFilter = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (wanted.length && !filtering) for (const group of groups) group.openBefore = group.details.open;
    let found = 0;
    for (const { details, size, openBefore, topics } of groups) {
      let hits = 0;
      for (const { label, words } of topics) {
        const hit = wanted.every((word) => words.includes(word));
        label.hidden = !hit;
        if (hit) hits += 1;
      }
      details.hidden = hits === 0;
      size.textContent = hits;
      if (wanted.length) details.open = hits > 0;
      else if (filtering) details.open = openBefore;
      found += hits;
    }
    filtering = wanted.length > 0;
    none.parentElement.toggleAttribute('data-filtering', filtering);
    none.hidden = found > 0;
    said.textContent = filtering ? say(found === 1 ? sayMatch : sayMatches, { n: found }) : '';
  };

  const makeChip = (box) => {
    const button = document.createElement('button');
    button.type = 'button';
    const span = (textContent, rest) => Object.assign(document.createElement('span'), { textContent, ...rest });
    button.append(span(`${sayRemove} `, { className: 'unseen' }), span(nameOf(box)), span('×', { ariaHidden: 'true' }));
    button.addEventListener('click', () => {
      const index = [...chips.children].indexOf(button.parentElement);
      box.checked = false;
      box.dispatchEvent(new Event('change', { bubbles: true }));
      // The button is gone: its neighbour takes the focus, so that the keyboard does not fall back to the top.
      const left = chips.querySelectorAll('button');
      (left[Math.min(index, left.length - 1)] ?? filter).focus();
    });
    const item = document.createElement('li');
    item.append(button);
    return item;
  };

  const showChips = () => {
    const chosen = boxes.filter((box) => box.checked);
    chips.replaceChildren(...chosen.map(makeChip));
    nothing.hidden = chosen.length > 0;
    total.textContent = chosen.length ? say(sayCount, { n: chosen.length }) : '';
  };

  for (const part of picker.querySelectorAll('[data-picked], [data-filter]')) part.hidden = false;
  filter.addEventListener('input', applyFilter);
  filter.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
  });
  picker.addEventListener('change', ({ target }) => {
    if (target.name !== 'topics') return;
    showChips();
    const message = target.checked ? sayAdded : sayRemoved;
    said.textContent = say(message, { name: nameOf(target), n: chips.children.length });
    // The row is one line high, and the newest chip may stand beyond its edge.
    const chip = target.checked && chips.children[boxes.filter((box) => box.checked).indexOf(target)];
    if (chip) chips.scrollLeft = chip.offsetLeft - chips.offsetLeft;
  });
  // After "back", browsers put the ticks in again once the page has loaded.
  addEventListener('pageshow', showChips);
  applyFilter();
  showChips();
}
