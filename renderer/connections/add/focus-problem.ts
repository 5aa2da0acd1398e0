/** Puts the focus on the first field that is wrong, after the form has said what is wrong with it. */
import { tick } from 'svelte'

export async function focusProblem(form: HTMLElement): Promise<void> {
  await tick()
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
