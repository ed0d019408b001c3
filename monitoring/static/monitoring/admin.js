// "Select all" of a list, and how many are selected. Everything works without it.
document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-selectable]");
    if (!form) return;
    const boxes = [...form.querySelectorAll("input[name='job']")];
    if (event.target.matches("[data-select-all]")) boxes.forEach((box) => { box.checked = event.target.checked; });
    const selected = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-selected]").textContent = selected ? `${selected} selected` : "None selected";
    form.querySelectorAll("[data-needs-selection]").forEach((button) => { button.disabled = !selected; });
    const all = form.querySelector("[data-select-all]");
    all.checked = selected === boxes.length;
    all.indeterminate = selected > 0 && selected < boxes.length;
});

document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-selectable] [data-needs-selection]").forEach((button) => { button.disabled = true; });
});
