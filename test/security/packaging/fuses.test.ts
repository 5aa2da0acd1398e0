/** Every fuse of the packaged binary is stated, and each on its safe side. Reading them back is for the package's own test. */
import { expect, test } from 'vitest'
import config from '../../../electron-builder.config.mjs'

test('no Node by environment or argument, no unsigned code, no file: privileges', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  })
})

test('nothing is published by building', () => {
  expect(config.publish).toBeNull()
})
