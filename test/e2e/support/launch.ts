/**
 * Starts the real application for a test or the demo: own profile, no network of others, ended by its own process id.
 * E2E_APP names a packaged application to start instead; E2E_SOFTWARE_GL=0 uses the machine's GPU.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { electronFlags } from '../../../build/electron-flags.mjs'
import { expect } from './expect.ts'
import { expectNothingLeft } from './leaks.ts'

export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url))

export type LaunchOptions = {
  /** A profile to go on with; a new one, removed at the end, where it is absent. */
  userData?: string
  env?: Record<string, string>
  /** Size of the window's content; the application's own where it is absent. */
  size?: { width: number; height: number }
  colourScheme?: 'light' | 'dark'
}

/** What Chromium itself says on a machine without a GPU; everything else on the window's console is a problem. */
const HARMLESS =
  /GPU stall|swiftshader|GL Driver Message|uniform block reflection|Automatic fallback to software WebGL/i

export class Swath {
  readonly app: ElectronApplication
  readonly page: Page
  readonly userData: string
  /** What main tells the window, a line each; empty for a packaged application. */
  readonly trafficPath: string
  /** Warnings and errors of the window's console, uncaught errors included. */
  readonly problems: string[] = []
  #isOwnProfile: boolean
  #isEnded = false

  constructor(app: ElectronApplication, page: Page, userData: string, trafficPath: string, isOwnProfile: boolean) {
    this.app = app
    this.page = page
    this.userData = userData
    this.trafficPath = trafficPath
    this.#isOwnProfile = isOwnProfile
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !HARMLESS.test(message.text()))
        this.problems.push(message.text())
    })
    page.on('pageerror', (error) => this.problems.push(String(error)))
  }

  get pid(): number {
    const { pid } = this.app.process()
    if (pid === undefined) throw new Error('the application has no process')
    return pid
  }

  /** Asks main through the window's own door; the value, or an error with the reply's code and sentence. */
  async call<T = unknown>(feature: string, name: string, input?: unknown): Promise<T> {
    const reply = await this.page.evaluate(
      ([of, call, value]) =>
        (globalThis as unknown as { bridge: { call(f: string, n: string, i: unknown): Promise<unknown> } }).bridge.call(
          of as string,
          call as string,
          value,
        ),
      [feature, name, input] as const,
    )
    const { ok, value, error } = reply as { ok: boolean; value: T; error?: { code: string; message: string } }
    if (!ok) throw new Error(`${feature}.${name}: ${error?.code}: ${error?.message}`)
    return value
  }

  /** The next folder dialog is answered with this path, as a user who chooses it. */
  async answerFolderDialog(path: string): Promise<void> {
    await this.app.evaluate(({ dialog }, chosen) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
    }, path)
  }

  /** Makes the window's content this large. */
  async resize(size: { width: number; height: number }): Promise<void> {
    const setSize = () =>
      this.app.evaluate(({ BrowserWindow }, to) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(to.width, to.height)
      }, size)
    // seen once: "Resulting promise was garbage collected", the inspector's word on its own; asking again does no harm
    await setSize().catch(setSize)
    // not waitForFunction: its polls run in the page, where the policy forbids eval
    // (without a window manager X leaves a pixel over)
    const isSo = async () => {
      const [width, height] = await this.page.evaluate(() => [innerWidth, innerHeight] as const)
      return Math.abs(width - size.width) <= 2 && Math.abs(height - size.height) <= 2
    }
    await expect.poll(isSo).toBe(true)
  }

  /** Quits as a user does, and waits for the process to end. */
  async close(): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    await this.app.close()
    await this.#forget()
  }

  /** kill -9: no event, no goodbye. The profile stays, for the next start. */
  async kill(): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#isOwnProfile = false
    const child = this.app.process()
    const ended = new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(null)))
    child.kill('SIGKILL')
    await ended
    await this.#forget()
  }

  async #forget(): Promise<void> {
    try {
      expectNothingLeft(this)
    } finally {
      await rm(dirname(this.trafficPath), { recursive: true, force: true })
      if (this.#isOwnProfile) await rm(this.userData, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** The application, its window there and its bridge in place. */
export async function launchSwath(options: LaunchOptions = {}): Promise<Swath> {
  const userData = options.userData ?? (await mkdtemp(join(tmpdir(), 'swath-e2e-')))
  const trafficPath = join(await mkdtemp(join(tmpdir(), 'swath-traffic-')), 'traffic.jsonl')
  const packaged = process.env.E2E_APP
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env
  const app = await _electron.launch({
    // without a path Playwright takes the project's binary, and holds the application until it is connected
    ...(packaged ? { executablePath: packaged } : {}),
    args: [
      // a packaged application loads nothing before itself
      ...(packaged ? [] : ['-r', join(projectRoot, 'test', 'e2e', 'support', 'record-traffic.cjs'), projectRoot]),
      // strings of the heap are cut after 1,024 characters otherwise
      '--js-flags=--heap-snapshot-string-limit=100000000',
      `--user-data-dir=${userData}`,
      ...electronFlags(process.env.E2E_SOFTWARE_GL === '0' ? {} : { softwareGl: true }),
    ],
    cwd: projectRoot,
    env: { ...(inherited as Record<string, string>), SWATH_TEST_TRAFFIC: trafficPath, ...options.env },
    colorScheme: options.colourScheme ?? 'light',
    timeout: 90_000,
  })
  const page = await app.firstWindow()
  const swath = new Swath(app, page, userData, trafficPath, options.userData === undefined)
  await expect.poll(() => page.evaluate(() => 'bridge' in globalThis)).toBe(true)
  if (options.size) await swath.resize(options.size)
  return swath
}
