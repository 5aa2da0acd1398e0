/** A forward proxy on 127.0.0.1 that tunnels (CONNECT) to where the test says, and remembers where it was asked to. */
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export type Tunnel = { readonly host: string; readonly seen: string[]; close(): void }

/** `portOf` gives the port of 127.0.0.1 behind an asked `host:port`; its own port unless told. */
export async function startTunnel(portOf = (asked: string) => Number(asked.split(':').at(-1))): Promise<Tunnel> {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const proxy = createServer((_request, response) => void response.writeHead(502).end())
  proxy.on('connection', (socket) => sockets.add(socket))
  proxy.on('connect', (request, socket) => {
    seen.push(request.url ?? '')
    const onward = connect(portOf(request.url ?? ''), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}
