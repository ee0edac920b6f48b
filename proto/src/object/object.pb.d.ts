import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace backstay. */
export namespace backstay {

    /** Namespace object. */
    namespace object {

        /**
         * Properties of an Envelope.
         * @deprecated Use backstay.object.Envelope.$Properties instead.
         */
        interface IEnvelope extends backstay.object.Envelope.$Properties {
        }

        /** Represents an Envelope. */
        class Envelope {

            /**
             * Constructs a new Envelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.object.Envelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Envelope payload. */
            payload: Uint8Array;

            /** Envelope payloadType. */
            payloadType: string;

            /** Envelope signatures. */
            signatures: backstay.object.Signature.$Properties[];

            /**
             * Creates a new Envelope instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Envelope instance
             */
            static create(properties: backstay.object.Envelope.$Shape): backstay.object.Envelope & backstay.object.Envelope.$Shape;
            static create(properties?: backstay.object.Envelope.$Properties): backstay.object.Envelope;

            /**
             * Encodes the specified Envelope message. Does not implicitly {@link backstay.object.Envelope.verify|verify} messages.
             * @param message Envelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.object.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Envelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.object.Envelope & backstay.object.Envelope.$Shape} Envelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.object.Envelope & backstay.object.Envelope.$Shape;
        }

        namespace Envelope {

            /** Properties of an Envelope. */
            interface $Properties {

                /** Envelope payload */
                payload?: (Uint8Array|null);

                /** Envelope payloadType */
                payloadType?: (string|null);

                /** Envelope signatures */
                signatures?: (backstay.object.Signature.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Envelope. */
            type $Shape = backstay.object.Envelope.$Properties;
        }

        /**
         * Properties of a Signature.
         * @deprecated Use backstay.object.Signature.$Properties instead.
         */
        interface ISignature extends backstay.object.Signature.$Properties {
        }

        /** Represents a Signature. */
        class Signature {

            /**
             * Constructs a new Signature.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.object.Signature.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Signature keyId. */
            keyId: Uint8Array;

            /** Signature signature. */
            signature: Uint8Array;

            /**
             * Creates a new Signature instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Signature instance
             */
            static create(properties: backstay.object.Signature.$Shape): backstay.object.Signature & backstay.object.Signature.$Shape;
            static create(properties?: backstay.object.Signature.$Properties): backstay.object.Signature;

            /**
             * Encodes the specified Signature message. Does not implicitly {@link backstay.object.Signature.verify|verify} messages.
             * @param message Signature message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.object.Signature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Signature message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.object.Signature & backstay.object.Signature.$Shape} Signature
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.object.Signature & backstay.object.Signature.$Shape;
        }

        namespace Signature {

            /** Properties of a Signature. */
            interface $Properties {

                /** Signature keyId */
                keyId?: (Uint8Array|null);

                /** Signature signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Signature. */
            type $Shape = backstay.object.Signature.$Properties;
        }

        /**
         * Properties of a PackIndex.
         * @deprecated Use backstay.object.PackIndex.$Properties instead.
         */
        interface IPackIndex extends backstay.object.PackIndex.$Properties {
        }

        /** Represents a PackIndex. */
        class PackIndex {

            /**
             * Constructs a new PackIndex.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.object.PackIndex.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PackIndex objects. */
            objects: backstay.object.PackedObject.$Properties[];

            /**
             * Creates a new PackIndex instance using the specified properties.
             * @param [properties] Properties to set
             * @returns PackIndex instance
             */
            static create(properties: backstay.object.PackIndex.$Shape): backstay.object.PackIndex & backstay.object.PackIndex.$Shape;
            static create(properties?: backstay.object.PackIndex.$Properties): backstay.object.PackIndex;

            /**
             * Encodes the specified PackIndex message. Does not implicitly {@link backstay.object.PackIndex.verify|verify} messages.
             * @param message PackIndex message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.object.PackIndex.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PackIndex message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.object.PackIndex & backstay.object.PackIndex.$Shape} PackIndex
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.object.PackIndex & backstay.object.PackIndex.$Shape;
        }

        namespace PackIndex {

            /** Properties of a PackIndex. */
            interface $Properties {

                /** PackIndex objects */
                objects?: (backstay.object.PackedObject.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PackIndex. */
            type $Shape = backstay.object.PackIndex.$Properties;
        }

        /**
         * Properties of a PackedObject.
         * @deprecated Use backstay.object.PackedObject.$Properties instead.
         */
        interface IPackedObject extends backstay.object.PackedObject.$Properties {
        }

        /** Represents a PackedObject. */
        class PackedObject {

            /**
             * Constructs a new PackedObject.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.object.PackedObject.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PackedObject domain. */
            domain: Uint8Array;

            /** PackedObject id. */
            id: Uint8Array;

            /** PackedObject offset. */
            offset: number;

            /** PackedObject length. */
            length: number;

            /** PackedObject type. */
            type: number;

            /**
             * Creates a new PackedObject instance using the specified properties.
             * @param [properties] Properties to set
             * @returns PackedObject instance
             */
            static create(properties: backstay.object.PackedObject.$Shape): backstay.object.PackedObject & backstay.object.PackedObject.$Shape;
            static create(properties?: backstay.object.PackedObject.$Properties): backstay.object.PackedObject;

            /**
             * Encodes the specified PackedObject message. Does not implicitly {@link backstay.object.PackedObject.verify|verify} messages.
             * @param message PackedObject message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.object.PackedObject.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PackedObject message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.object.PackedObject & backstay.object.PackedObject.$Shape} PackedObject
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.object.PackedObject & backstay.object.PackedObject.$Shape;
        }

        namespace PackedObject {

            /** Properties of a PackedObject. */
            interface $Properties {

                /** PackedObject domain */
                domain?: (Uint8Array|null);

                /** PackedObject id */
                id?: (Uint8Array|null);

                /** PackedObject offset */
                offset?: (number|null);

                /** PackedObject length */
                length?: (number|null);

                /** PackedObject type */
                type?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PackedObject. */
            type $Shape = backstay.object.PackedObject.$Properties;
        }
    }
}
