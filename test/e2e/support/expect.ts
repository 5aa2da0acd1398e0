/** Playwright's expect with the patience of the tests' configuration, for the demo and soaks, which run without it. */
import { expect as patient } from '@playwright/test'

export const expect = patient.configure({ timeout: 20_000 })
