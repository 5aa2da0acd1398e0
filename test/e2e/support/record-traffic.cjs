/**
 * Loaded into the main process before the application (`electron -r`): writes down everything that main tells the window
 * — answers to calls, failures of them, events — one JSON line each, into the file that SWATH_TEST_TRAFFIC names.
 * Does not: write what the window tells main (what somebody types has to go that way), nor tiles and pictures.
 */
const { appendFileSync } = require('node:fs')
const { app, ipcMain } = require('electron')

const path = process.env.SWATH_TEST_TRAFFIC
const readable = (_, value) => (ArrayBuffer.isView(value) ? Buffer.from(value.buffer).toString('latin1') : value)
const note = (kind, channel, value) => appendFileSync(path, `${JSON.stringify({ kind, channel, value }, readable)}\n`)

function record() {
  const handle = ipcMain.handle.bind(ipcMain)
  ipcMain.handle = (channel, listener) =>
    handle(channel, async (event, ...values) => {
      try {
        const answer = await listener(event, ...values)
        note('answer', channel, answer)
        return answer
      } catch (failure) {
        note('failure', channel, String(failure?.stack ?? failure))
        throw failure
      }
    })
  app.on('web-contents-created', (_, contents) => {
    for (const name of ['send', 'postMessage']) {
      const tell = contents[name].bind(contents)
      contents[name] = (channel, ...values) => {
        note(name, channel, name === 'send' ? values : values[0])
        return tell(channel, ...values)
      }
    }
  })
}
if (path) record()
