// protobufjs as we use it, configured before any generated code is loaded: 64-bit integers are plain numbers (ours are
// below 2^53 and checked where they are read), and bytes are plain Uint8Arrays in Node as they are in a browser.
import protobuf from 'protobufjs/minimal.js'

protobuf.util.Long = undefined
protobuf.util.Buffer = null
protobuf.configure()

export default protobuf
