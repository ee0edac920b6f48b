import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace backstay. */
export namespace backstay {

    /** Namespace trust. */
    namespace trust {

        /** Role enum. */
        enum Role {

            /** ROLE_UNSPECIFIED value */
            ROLE_UNSPECIFIED = 0,

            /** OWNER value */
            OWNER = 1,

            /** POLICY value */
            POLICY = 2,

            /** RESTORE value */
            RESTORE = 3,

            /** ENROLL value */
            ENROLL = 4,

            /** AUDIT value */
            AUDIT = 5
        }

        /** Binding enum. */
        enum Binding {

            /** BINDING_UNSPECIFIED value */
            BINDING_UNSPECIFIED = 0,

            /** TLS_EXPORTER value */
            TLS_EXPORTER = 1,

            /** TLS_END_POINT value */
            TLS_END_POINT = 2
        }

        /**
         * Properties of a Trust.
         * @deprecated Use backstay.trust.Trust.$Properties instead.
         */
        interface ITrust extends backstay.trust.Trust.$Properties {
        }

        /** Represents a Trust. */
        class Trust {

            /**
             * Constructs a new Trust.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Trust.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Trust version. */
            version: number;

            /** Trust previous. */
            previous: Uint8Array;

            /** Trust salt. */
            salt: Uint8Array;

            /** Trust fleetName. */
            fleetName: string;

            /** Trust issuedAtMs. */
            issuedAtMs: number;

            /** Trust expiresAtMs. */
            expiresAtMs: number;

            /** Trust owners. */
            owners: backstay.trust.Owner.$Properties[];

            /** Trust threshold. */
            threshold: number;

            /** Trust admins. */
            admins: backstay.trust.Admin.$Properties[];

            /** Trust kitRecipient. */
            kitRecipient: string;

            /** Trust deskRecipient. */
            deskRecipient: string;

            /** Trust collectors. */
            collectors: backstay.trust.Collector.$Properties[];

            /** Trust flags. */
            flags?: (backstay.trust.Flags.$Properties|null);

            /**
             * Creates a new Trust instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Trust instance
             */
            static create(properties: backstay.trust.Trust.$Shape): backstay.trust.Trust & backstay.trust.Trust.$Shape;
            static create(properties?: backstay.trust.Trust.$Properties): backstay.trust.Trust;

            /**
             * Encodes the specified Trust message. Does not implicitly {@link backstay.trust.Trust.verify|verify} messages.
             * @param message Trust message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Trust.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Trust message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Trust & backstay.trust.Trust.$Shape} Trust
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Trust & backstay.trust.Trust.$Shape;
        }

        namespace Trust {

            /** Properties of a Trust. */
            interface $Properties {

                /** Trust version */
                version?: (number|null);

                /** Trust previous */
                previous?: (Uint8Array|null);

                /** Trust salt */
                salt?: (Uint8Array|null);

                /** Trust fleetName */
                fleetName?: (string|null);

                /** Trust issuedAtMs */
                issuedAtMs?: (number|null);

                /** Trust expiresAtMs */
                expiresAtMs?: (number|null);

                /** Trust owners */
                owners?: (backstay.trust.Owner.$Properties[]|null);

                /** Trust threshold */
                threshold?: (number|null);

                /** Trust admins */
                admins?: (backstay.trust.Admin.$Properties[]|null);

                /** Trust kitRecipient */
                kitRecipient?: (string|null);

                /** Trust deskRecipient */
                deskRecipient?: (string|null);

                /** Trust collectors */
                collectors?: (backstay.trust.Collector.$Properties[]|null);

                /** Trust flags */
                flags?: (backstay.trust.Flags.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Trust. */
            type $Shape = backstay.trust.Trust.$Properties;
        }

        /**
         * Properties of an Owner.
         * @deprecated Use backstay.trust.Owner.$Properties instead.
         */
        interface IOwner extends backstay.trust.Owner.$Properties {
        }

        /** Represents an Owner. */
        class Owner {

            /**
             * Constructs a new Owner.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Owner.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Owner key. */
            key: Uint8Array;

            /** Owner label. */
            label: string;

            /**
             * Creates a new Owner instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Owner instance
             */
            static create(properties: backstay.trust.Owner.$Shape): backstay.trust.Owner & backstay.trust.Owner.$Shape;
            static create(properties?: backstay.trust.Owner.$Properties): backstay.trust.Owner;

            /**
             * Encodes the specified Owner message. Does not implicitly {@link backstay.trust.Owner.verify|verify} messages.
             * @param message Owner message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Owner.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Owner message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Owner & backstay.trust.Owner.$Shape} Owner
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Owner & backstay.trust.Owner.$Shape;
        }

        namespace Owner {

            /** Properties of an Owner. */
            interface $Properties {

                /** Owner key */
                key?: (Uint8Array|null);

                /** Owner label */
                label?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Owner. */
            type $Shape = backstay.trust.Owner.$Properties;
        }

        /**
         * Properties of an Admin.
         * @deprecated Use backstay.trust.Admin.$Properties instead.
         */
        interface IAdmin extends backstay.trust.Admin.$Properties {
        }

        /** Represents an Admin. */
        class Admin {

            /**
             * Constructs a new Admin.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Admin.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Admin key. */
            key: Uint8Array;

            /** Admin name. */
            name: string;

            /** Admin recipient. */
            recipient: string;

            /** Admin roles. */
            roles: backstay.trust.Role[];

            /** Admin notAfterMs. */
            notAfterMs: number;

            /**
             * Creates a new Admin instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Admin instance
             */
            static create(properties: backstay.trust.Admin.$Shape): backstay.trust.Admin & backstay.trust.Admin.$Shape;
            static create(properties?: backstay.trust.Admin.$Properties): backstay.trust.Admin;

            /**
             * Encodes the specified Admin message. Does not implicitly {@link backstay.trust.Admin.verify|verify} messages.
             * @param message Admin message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Admin.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Admin message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Admin & backstay.trust.Admin.$Shape} Admin
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Admin & backstay.trust.Admin.$Shape;
        }

        namespace Admin {

            /** Properties of an Admin. */
            interface $Properties {

                /** Admin key */
                key?: (Uint8Array|null);

                /** Admin name */
                name?: (string|null);

                /** Admin recipient */
                recipient?: (string|null);

                /** Admin roles */
                roles?: (backstay.trust.Role[]|null);

                /** Admin notAfterMs */
                notAfterMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Admin. */
            type $Shape = backstay.trust.Admin.$Properties;
        }

        /**
         * Properties of a Collector.
         * @deprecated Use backstay.trust.Collector.$Properties instead.
         */
        interface ICollector extends backstay.trust.Collector.$Properties {
        }

        /** Represents a Collector. */
        class Collector {

            /**
             * Constructs a new Collector.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Collector.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Collector key. */
            key: Uint8Array;

            /** Collector spkiPins. */
            spkiPins: Uint8Array[];

            /** Collector binding. */
            binding: backstay.trust.Binding;

            /**
             * Creates a new Collector instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Collector instance
             */
            static create(properties: backstay.trust.Collector.$Shape): backstay.trust.Collector & backstay.trust.Collector.$Shape;
            static create(properties?: backstay.trust.Collector.$Properties): backstay.trust.Collector;

            /**
             * Encodes the specified Collector message. Does not implicitly {@link backstay.trust.Collector.verify|verify} messages.
             * @param message Collector message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Collector.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Collector message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Collector & backstay.trust.Collector.$Shape} Collector
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Collector & backstay.trust.Collector.$Shape;
        }

        namespace Collector {

            /** Properties of a Collector. */
            interface $Properties {

                /** Collector key */
                key?: (Uint8Array|null);

                /** Collector spkiPins */
                spkiPins?: (Uint8Array[]|null);

                /** Collector binding */
                binding?: (backstay.trust.Binding|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Collector. */
            type $Shape = backstay.trust.Collector.$Properties;
        }

        /**
         * Properties of a Flags.
         * @deprecated Use backstay.trust.Flags.$Properties instead.
         */
        interface IFlags extends backstay.trust.Flags.$Properties {
        }

        /** Represents a Flags. */
        class Flags {

            /**
             * Constructs a new Flags.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Flags.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Flags hostedKeys. */
            hostedKeys: boolean;

            /** Flags retentionMinDays. */
            retentionMinDays: number;

            /** Flags twoPerson. */
            twoPerson: boolean;

            /** Flags groupDomains. */
            groupDomains: boolean;

            /**
             * Creates a new Flags instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Flags instance
             */
            static create(properties: backstay.trust.Flags.$Shape): backstay.trust.Flags & backstay.trust.Flags.$Shape;
            static create(properties?: backstay.trust.Flags.$Properties): backstay.trust.Flags;

            /**
             * Encodes the specified Flags message. Does not implicitly {@link backstay.trust.Flags.verify|verify} messages.
             * @param message Flags message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Flags.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Flags message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Flags & backstay.trust.Flags.$Shape} Flags
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Flags & backstay.trust.Flags.$Shape;
        }

        namespace Flags {

            /** Properties of a Flags. */
            interface $Properties {

                /** Flags hostedKeys */
                hostedKeys?: (boolean|null);

                /** Flags retentionMinDays */
                retentionMinDays?: (number|null);

                /** Flags twoPerson */
                twoPerson?: (boolean|null);

                /** Flags groupDomains */
                groupDomains?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Flags. */
            type $Shape = backstay.trust.Flags.$Properties;
        }

        /**
         * Properties of an Order.
         * @deprecated Use backstay.trust.Order.$Properties instead.
         */
        interface IOrder extends backstay.trust.Order.$Properties {
        }

        /** Represents an Order. */
        class Order {

            /**
             * Constructs a new Order.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Order.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Order fleet. */
            fleet: Uint8Array;

            /** Order id. */
            id: Uint8Array;

            /** Order trustVersion. */
            trustVersion: number;

            /** Order issuedAtMs. */
            issuedAtMs: number;

            /** Order expiresAtMs. */
            expiresAtMs: number;

            /** Order sequence. */
            sequence: number;

            /** Order audience. */
            audience: Uint8Array[];

            /**
             * Creates a new Order instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Order instance
             */
            static create(properties: backstay.trust.Order.$Shape): backstay.trust.Order & backstay.trust.Order.$Shape;
            static create(properties?: backstay.trust.Order.$Properties): backstay.trust.Order;

            /**
             * Encodes the specified Order message. Does not implicitly {@link backstay.trust.Order.verify|verify} messages.
             * @param message Order message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Order.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Order message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Order & backstay.trust.Order.$Shape} Order
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Order & backstay.trust.Order.$Shape;
        }

        namespace Order {

            /** Properties of an Order. */
            interface $Properties {

                /** Order fleet */
                fleet?: (Uint8Array|null);

                /** Order id */
                id?: (Uint8Array|null);

                /** Order trustVersion */
                trustVersion?: (number|null);

                /** Order issuedAtMs */
                issuedAtMs?: (number|null);

                /** Order expiresAtMs */
                expiresAtMs?: (number|null);

                /** Order sequence */
                sequence?: (number|null);

                /** Order audience */
                audience?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Order. */
            type $Shape = backstay.trust.Order.$Properties;
        }

        /**
         * Properties of a Grant.
         * @deprecated Use backstay.trust.Grant.$Properties instead.
         */
        interface IGrant extends backstay.trust.Grant.$Properties {
        }

        /** Represents a Grant. */
        class Grant {

            /**
             * Constructs a new Grant.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Grant.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Grant order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Grant grantKey. */
            grantKey: Uint8Array;

            /** Grant label. */
            label: string;

            /** Grant maxUses. */
            maxUses: number;

            /** Grant manualApproval. */
            manualApproval: boolean;

            /**
             * Creates a new Grant instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Grant instance
             */
            static create(properties: backstay.trust.Grant.$Shape): backstay.trust.Grant & backstay.trust.Grant.$Shape;
            static create(properties?: backstay.trust.Grant.$Properties): backstay.trust.Grant;

            /**
             * Encodes the specified Grant message. Does not implicitly {@link backstay.trust.Grant.verify|verify} messages.
             * @param message Grant message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Grant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Grant message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Grant & backstay.trust.Grant.$Shape} Grant
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Grant & backstay.trust.Grant.$Shape;
        }

        namespace Grant {

            /** Properties of a Grant. */
            interface $Properties {

                /** Grant order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Grant grantKey */
                grantKey?: (Uint8Array|null);

                /** Grant label */
                label?: (string|null);

                /** Grant maxUses */
                maxUses?: (number|null);

                /** Grant manualApproval */
                manualApproval?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Grant. */
            type $Shape = backstay.trust.Grant.$Properties;
        }

        /**
         * Properties of a Certificate.
         * @deprecated Use backstay.trust.Certificate.$Properties instead.
         */
        interface ICertificate extends backstay.trust.Certificate.$Properties {
        }

        /** Represents a Certificate. */
        class Certificate {

            /**
             * Constructs a new Certificate.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Certificate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Certificate fleet. */
            fleet: Uint8Array;

            /** Certificate device. */
            device: Uint8Array;

            /** Certificate deviceKey. */
            deviceKey: Uint8Array;

            /** Certificate grantId. */
            grantId: Uint8Array;

            /** Certificate name. */
            name: string;

            /** Certificate platform. */
            platform: string;

            /** Certificate issuedAtMs. */
            issuedAtMs: number;

            /** Certificate recipient. */
            recipient: string;

            /** Certificate machine. */
            machine: Uint8Array[];

            /**
             * Creates a new Certificate instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Certificate instance
             */
            static create(properties: backstay.trust.Certificate.$Shape): backstay.trust.Certificate & backstay.trust.Certificate.$Shape;
            static create(properties?: backstay.trust.Certificate.$Properties): backstay.trust.Certificate;

            /**
             * Encodes the specified Certificate message. Does not implicitly {@link backstay.trust.Certificate.verify|verify} messages.
             * @param message Certificate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Certificate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Certificate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Certificate & backstay.trust.Certificate.$Shape} Certificate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Certificate & backstay.trust.Certificate.$Shape;
        }

        namespace Certificate {

            /** Properties of a Certificate. */
            interface $Properties {

                /** Certificate fleet */
                fleet?: (Uint8Array|null);

                /** Certificate device */
                device?: (Uint8Array|null);

                /** Certificate deviceKey */
                deviceKey?: (Uint8Array|null);

                /** Certificate grantId */
                grantId?: (Uint8Array|null);

                /** Certificate name */
                name?: (string|null);

                /** Certificate platform */
                platform?: (string|null);

                /** Certificate issuedAtMs */
                issuedAtMs?: (number|null);

                /** Certificate recipient */
                recipient?: (string|null);

                /** Certificate machine */
                machine?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Certificate. */
            type $Shape = backstay.trust.Certificate.$Properties;
        }

        /**
         * Properties of an Escrow.
         * @deprecated Use backstay.trust.Escrow.$Properties instead.
         */
        interface IEscrow extends backstay.trust.Escrow.$Properties {
        }

        /** Represents an Escrow. */
        class Escrow {

            /**
             * Constructs a new Escrow.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Escrow.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Escrow fleet. */
            fleet: Uint8Array;

            /** Escrow device. */
            device: Uint8Array;

            /** Escrow epoch. */
            epoch: number;

            /** Escrow check. */
            check: Uint8Array;

            /** Escrow kitFile. */
            kitFile: Uint8Array;

            /** Escrow deskFile. */
            deskFile: Uint8Array;

            /** Escrow trustVersion. */
            trustVersion: number;

            /** Escrow issuedAtMs. */
            issuedAtMs: number;

            /**
             * Creates a new Escrow instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Escrow instance
             */
            static create(properties: backstay.trust.Escrow.$Shape): backstay.trust.Escrow & backstay.trust.Escrow.$Shape;
            static create(properties?: backstay.trust.Escrow.$Properties): backstay.trust.Escrow;

            /**
             * Encodes the specified Escrow message. Does not implicitly {@link backstay.trust.Escrow.verify|verify} messages.
             * @param message Escrow message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Escrow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Escrow message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Escrow & backstay.trust.Escrow.$Shape} Escrow
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Escrow & backstay.trust.Escrow.$Shape;
        }

        namespace Escrow {

            /** Properties of an Escrow. */
            interface $Properties {

                /** Escrow fleet */
                fleet?: (Uint8Array|null);

                /** Escrow device */
                device?: (Uint8Array|null);

                /** Escrow epoch */
                epoch?: (number|null);

                /** Escrow check */
                check?: (Uint8Array|null);

                /** Escrow kitFile */
                kitFile?: (Uint8Array|null);

                /** Escrow deskFile */
                deskFile?: (Uint8Array|null);

                /** Escrow trustVersion */
                trustVersion?: (number|null);

                /** Escrow issuedAtMs */
                issuedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Escrow. */
            type $Shape = backstay.trust.Escrow.$Properties;
        }

        /**
         * Properties of a Keyring.
         * @deprecated Use backstay.trust.Keyring.$Properties instead.
         */
        interface IKeyring extends backstay.trust.Keyring.$Properties {
        }

        /** Represents a Keyring. */
        class Keyring {

            /**
             * Constructs a new Keyring.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Keyring.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Keyring order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Keyring deskRecipient. */
            deskRecipient: string;

            /** Keyring file. */
            file: Uint8Array;

            /**
             * Creates a new Keyring instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Keyring instance
             */
            static create(properties: backstay.trust.Keyring.$Shape): backstay.trust.Keyring & backstay.trust.Keyring.$Shape;
            static create(properties?: backstay.trust.Keyring.$Properties): backstay.trust.Keyring;

            /**
             * Encodes the specified Keyring message. Does not implicitly {@link backstay.trust.Keyring.verify|verify} messages.
             * @param message Keyring message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Keyring.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Keyring message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Keyring & backstay.trust.Keyring.$Shape} Keyring
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Keyring & backstay.trust.Keyring.$Shape;
        }

        namespace Keyring {

            /** Properties of a Keyring. */
            interface $Properties {

                /** Keyring order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Keyring deskRecipient */
                deskRecipient?: (string|null);

                /** Keyring file */
                file?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Keyring. */
            type $Shape = backstay.trust.Keyring.$Properties;
        }

        /**
         * Properties of a Revoke.
         * @deprecated Use backstay.trust.Revoke.$Properties instead.
         */
        interface IRevoke extends backstay.trust.Revoke.$Properties {
        }

        /** Represents a Revoke. */
        class Revoke {

            /**
             * Constructs a new Revoke.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Revoke.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Revoke order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Revoke device. */
            device: Uint8Array;

            /** Revoke grantId. */
            grantId: Uint8Array;

            /** Revoke reason. */
            reason: string;

            /**
             * Creates a new Revoke instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Revoke instance
             */
            static create(properties: backstay.trust.Revoke.$Shape): backstay.trust.Revoke & backstay.trust.Revoke.$Shape;
            static create(properties?: backstay.trust.Revoke.$Properties): backstay.trust.Revoke;

            /**
             * Encodes the specified Revoke message. Does not implicitly {@link backstay.trust.Revoke.verify|verify} messages.
             * @param message Revoke message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Revoke.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Revoke message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Revoke & backstay.trust.Revoke.$Shape} Revoke
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Revoke & backstay.trust.Revoke.$Shape;
        }

        namespace Revoke {

            /** Properties of a Revoke. */
            interface $Properties {

                /** Revoke order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Revoke device */
                device?: (Uint8Array|null);

                /** Revoke grantId */
                grantId?: (Uint8Array|null);

                /** Revoke reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Revoke. */
            type $Shape = backstay.trust.Revoke.$Properties;
        }

        /**
         * Properties of a Job.
         * @deprecated Use backstay.trust.Job.$Properties instead.
         */
        interface IJob extends backstay.trust.Job.$Properties {
        }

        /** Represents a Job. */
        class Job {

            /**
             * Constructs a new Job.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Job.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Job order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Job kind. */
            kind: string;

            /** Job sealed. */
            sealed: Uint8Array;

            /** Job source. */
            source: Uint8Array;

            /** Job minutes. */
            minutes: number;

            /**
             * Creates a new Job instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Job instance
             */
            static create(properties: backstay.trust.Job.$Shape): backstay.trust.Job & backstay.trust.Job.$Shape;
            static create(properties?: backstay.trust.Job.$Properties): backstay.trust.Job;

            /**
             * Encodes the specified Job message. Does not implicitly {@link backstay.trust.Job.verify|verify} messages.
             * @param message Job message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Job.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Job message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Job & backstay.trust.Job.$Shape} Job
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Job & backstay.trust.Job.$Shape;
        }

        namespace Job {

            /** Properties of a Job. */
            interface $Properties {

                /** Job order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Job kind */
                kind?: (string|null);

                /** Job sealed */
                sealed?: (Uint8Array|null);

                /** Job source */
                source?: (Uint8Array|null);

                /** Job minutes */
                minutes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Job. */
            type $Shape = backstay.trust.Job.$Properties;
        }

        /**
         * Properties of a RestoreWish.
         * @deprecated Use backstay.trust.RestoreWish.$Properties instead.
         */
        interface IRestoreWish extends backstay.trust.RestoreWish.$Properties {
        }

        /** Represents a RestoreWish. */
        class RestoreWish {

            /**
             * Constructs a new RestoreWish.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.RestoreWish.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RestoreWish path. */
            path: Uint8Array;

            /** RestoreWish atMs. */
            atMs: number;

            /** RestoreWish sequence. */
            sequence: number;

            /** RestoreWish place. */
            place: number;

            /** RestoreWish existing. */
            existing: number;

            /** RestoreWish root. */
            root: Uint8Array;

            /** RestoreWish rootKey. */
            rootKey: Uint8Array;

            /**
             * Creates a new RestoreWish instance using the specified properties.
             * @param [properties] Properties to set
             * @returns RestoreWish instance
             */
            static create(properties: backstay.trust.RestoreWish.$Shape): backstay.trust.RestoreWish & backstay.trust.RestoreWish.$Shape;
            static create(properties?: backstay.trust.RestoreWish.$Properties): backstay.trust.RestoreWish;

            /**
             * Encodes the specified RestoreWish message. Does not implicitly {@link backstay.trust.RestoreWish.verify|verify} messages.
             * @param message RestoreWish message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.RestoreWish.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RestoreWish message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.RestoreWish & backstay.trust.RestoreWish.$Shape} RestoreWish
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.RestoreWish & backstay.trust.RestoreWish.$Shape;
        }

        namespace RestoreWish {

            /** Properties of a RestoreWish. */
            interface $Properties {

                /** RestoreWish path */
                path?: (Uint8Array|null);

                /** RestoreWish atMs */
                atMs?: (number|null);

                /** RestoreWish sequence */
                sequence?: (number|null);

                /** RestoreWish place */
                place?: (number|null);

                /** RestoreWish existing */
                existing?: (number|null);

                /** RestoreWish root */
                root?: (Uint8Array|null);

                /** RestoreWish rootKey */
                rootKey?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RestoreWish. */
            type $Shape = backstay.trust.RestoreWish.$Properties;
        }

        /**
         * Properties of a Commit.
         * @deprecated Use backstay.trust.Commit.$Properties instead.
         */
        interface ICommit extends backstay.trust.Commit.$Properties {
        }

        /** Represents a Commit. */
        class Commit {

            /**
             * Constructs a new Commit.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Commit.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Commit fleet. */
            fleet: Uint8Array;

            /** Commit device. */
            device: Uint8Array;

            /** Commit epoch. */
            epoch: number;

            /** Commit sequence. */
            sequence: number;

            /** Commit previous. */
            previous: Uint8Array;

            /** Commit root. */
            root: Uint8Array;

            /** Commit startedAtMs. */
            startedAtMs: number;

            /** Commit endedAtMs. */
            endedAtMs: number;

            /** Commit complete. */
            complete: boolean;

            /** Commit entries. */
            entries: number;

            /** Commit bytes. */
            bytes: number;

            /** Commit unread. */
            unread: number;

            /** Commit sealed. */
            sealed: Uint8Array;

            /** Commit seenTrust. */
            seenTrust: number;

            /** Commit seenPolicy. */
            seenPolicy: number;

            /** Commit branch. */
            branch: Uint8Array;

            /** Commit names. */
            names: Uint8Array;

            /**
             * Creates a new Commit instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Commit instance
             */
            static create(properties: backstay.trust.Commit.$Shape): backstay.trust.Commit & backstay.trust.Commit.$Shape;
            static create(properties?: backstay.trust.Commit.$Properties): backstay.trust.Commit;

            /**
             * Encodes the specified Commit message. Does not implicitly {@link backstay.trust.Commit.verify|verify} messages.
             * @param message Commit message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Commit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Commit message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Commit & backstay.trust.Commit.$Shape} Commit
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Commit & backstay.trust.Commit.$Shape;
        }

        namespace Commit {

            /** Properties of a Commit. */
            interface $Properties {

                /** Commit fleet */
                fleet?: (Uint8Array|null);

                /** Commit device */
                device?: (Uint8Array|null);

                /** Commit epoch */
                epoch?: (number|null);

                /** Commit sequence */
                sequence?: (number|null);

                /** Commit previous */
                previous?: (Uint8Array|null);

                /** Commit root */
                root?: (Uint8Array|null);

                /** Commit startedAtMs */
                startedAtMs?: (number|null);

                /** Commit endedAtMs */
                endedAtMs?: (number|null);

                /** Commit complete */
                complete?: (boolean|null);

                /** Commit entries */
                entries?: (number|null);

                /** Commit bytes */
                bytes?: (number|null);

                /** Commit unread */
                unread?: (number|null);

                /** Commit sealed */
                sealed?: (Uint8Array|null);

                /** Commit seenTrust */
                seenTrust?: (number|null);

                /** Commit seenPolicy */
                seenPolicy?: (number|null);

                /** Commit branch */
                branch?: (Uint8Array|null);

                /** Commit names */
                names?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Commit. */
            type $Shape = backstay.trust.Commit.$Properties;
        }

        /**
         * Properties of a Proof.
         * @deprecated Use backstay.trust.Proof.$Properties instead.
         */
        interface IProof extends backstay.trust.Proof.$Properties {
        }

        /** Represents a Proof. */
        class Proof {

            /**
             * Constructs a new Proof.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Proof.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Proof order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Proof device. */
            device: Uint8Array;

            /** Proof epoch. */
            epoch: number;

            /** Proof escrowId. */
            escrowId: Uint8Array;

            /** Proof way. */
            way: string;

            /** Proof opened. */
            opened: boolean;

            /**
             * Creates a new Proof instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Proof instance
             */
            static create(properties: backstay.trust.Proof.$Shape): backstay.trust.Proof & backstay.trust.Proof.$Shape;
            static create(properties?: backstay.trust.Proof.$Properties): backstay.trust.Proof;

            /**
             * Encodes the specified Proof message. Does not implicitly {@link backstay.trust.Proof.verify|verify} messages.
             * @param message Proof message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Proof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Proof message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Proof & backstay.trust.Proof.$Shape} Proof
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Proof & backstay.trust.Proof.$Shape;
        }

        namespace Proof {

            /** Properties of a Proof. */
            interface $Properties {

                /** Proof order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Proof device */
                device?: (Uint8Array|null);

                /** Proof epoch */
                epoch?: (number|null);

                /** Proof escrowId */
                escrowId?: (Uint8Array|null);

                /** Proof way */
                way?: (string|null);

                /** Proof opened */
                opened?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Proof. */
            type $Shape = backstay.trust.Proof.$Properties;
        }

        /**
         * Properties of a Heartbeat.
         * @deprecated Use backstay.trust.Heartbeat.$Properties instead.
         */
        interface IHeartbeat extends backstay.trust.Heartbeat.$Properties {
        }

        /** Represents a Heartbeat. */
        class Heartbeat {

            /**
             * Constructs a new Heartbeat.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Heartbeat.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Heartbeat fleet. */
            fleet: Uint8Array;

            /** Heartbeat device. */
            device: Uint8Array;

            /** Heartbeat number. */
            number: number;

            /** Heartbeat sentAtMs. */
            sentAtMs: number;

            /** Heartbeat agentVersion. */
            agentVersion: string;

            /** Heartbeat platform. */
            platform: string;

            /** Heartbeat seenTrust. */
            seenTrust: number;

            /** Heartbeat standing. */
            standing: Uint8Array;

            /** Heartbeat refused. */
            refused: backstay.trust.RefusedOrder.$Properties[];

            /** Heartbeat headSequence. */
            headSequence: number;

            /** Heartbeat escrowEpoch. */
            escrowEpoch: number;

            /** Heartbeat leaving. */
            leaving: boolean;

            /** Heartbeat sinceCompleteMs. */
            sinceCompleteMs?: (number|null);

            /** Heartbeat unprotectedMs. */
            unprotectedMs?: (number|null);

            /** Heartbeat pausedForMs. */
            pausedForMs?: (number|null);

            /** Heartbeat pausedLeftMs. */
            pausedLeftMs?: (number|null);

            /** Heartbeat waiting. */
            waiting: string;

            /** Heartbeat unread. */
            unread: backstay.trust.Trouble.$Properties[];

            /** Heartbeat roots. */
            roots: backstay.trust.Trouble.$Properties[];

            /** Heartbeat alarms. */
            alarms: backstay.trust.Trouble.$Properties[];

            /** Heartbeat watch. */
            watch?: (backstay.trust.Watch.$Properties|null);

            /** Heartbeat running. */
            running?: (backstay.trust.Running.$Properties|null);

            /** Heartbeat vitals. */
            vitals?: (backstay.trust.Vitals.$Properties|null);

            /** Heartbeat failure. */
            failure: string;

            /** Heartbeat checkpoint. */
            checkpoint: Uint8Array;

            /** Heartbeat forkedFrom. */
            forkedFrom: Uint8Array;

            /** Heartbeat user. */
            user: string;

            /** Heartbeat access. */
            access: backstay.trust.Trouble.$Properties[];

            /** Heartbeat keyProtection. */
            keyProtection: string;

            /** Heartbeat queue. */
            queue?: (backstay.trust.Queue.$Properties|null);

            /** Heartbeat pausedBy. */
            pausedBy: string;

            /**
             * Creates a new Heartbeat instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Heartbeat instance
             */
            static create(properties: backstay.trust.Heartbeat.$Shape): backstay.trust.Heartbeat & backstay.trust.Heartbeat.$Shape;
            static create(properties?: backstay.trust.Heartbeat.$Properties): backstay.trust.Heartbeat;

            /**
             * Encodes the specified Heartbeat message. Does not implicitly {@link backstay.trust.Heartbeat.verify|verify} messages.
             * @param message Heartbeat message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Heartbeat message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Heartbeat & backstay.trust.Heartbeat.$Shape} Heartbeat
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Heartbeat & backstay.trust.Heartbeat.$Shape;
        }

        namespace Heartbeat {

            /** Properties of a Heartbeat. */
            interface $Properties {

                /** Heartbeat fleet */
                fleet?: (Uint8Array|null);

                /** Heartbeat device */
                device?: (Uint8Array|null);

                /** Heartbeat number */
                number?: (number|null);

                /** Heartbeat sentAtMs */
                sentAtMs?: (number|null);

                /** Heartbeat agentVersion */
                agentVersion?: (string|null);

                /** Heartbeat platform */
                platform?: (string|null);

                /** Heartbeat seenTrust */
                seenTrust?: (number|null);

                /** Heartbeat standing */
                standing?: (Uint8Array|null);

                /** Heartbeat refused */
                refused?: (backstay.trust.RefusedOrder.$Properties[]|null);

                /** Heartbeat headSequence */
                headSequence?: (number|null);

                /** Heartbeat escrowEpoch */
                escrowEpoch?: (number|null);

                /** Heartbeat leaving */
                leaving?: (boolean|null);

                /** Heartbeat sinceCompleteMs */
                sinceCompleteMs?: (number|null);

                /** Heartbeat unprotectedMs */
                unprotectedMs?: (number|null);

                /** Heartbeat pausedForMs */
                pausedForMs?: (number|null);

                /** Heartbeat pausedLeftMs */
                pausedLeftMs?: (number|null);

                /** Heartbeat waiting */
                waiting?: (string|null);

                /** Heartbeat unread */
                unread?: (backstay.trust.Trouble.$Properties[]|null);

                /** Heartbeat roots */
                roots?: (backstay.trust.Trouble.$Properties[]|null);

                /** Heartbeat alarms */
                alarms?: (backstay.trust.Trouble.$Properties[]|null);

                /** Heartbeat watch */
                watch?: (backstay.trust.Watch.$Properties|null);

                /** Heartbeat running */
                running?: (backstay.trust.Running.$Properties|null);

                /** Heartbeat vitals */
                vitals?: (backstay.trust.Vitals.$Properties|null);

                /** Heartbeat failure */
                failure?: (string|null);

                /** Heartbeat checkpoint */
                checkpoint?: (Uint8Array|null);

                /** Heartbeat forkedFrom */
                forkedFrom?: (Uint8Array|null);

                /** Heartbeat user */
                user?: (string|null);

                /** Heartbeat access */
                access?: (backstay.trust.Trouble.$Properties[]|null);

                /** Heartbeat keyProtection */
                keyProtection?: (string|null);

                /** Heartbeat queue */
                queue?: (backstay.trust.Queue.$Properties|null);

                /** Heartbeat pausedBy */
                pausedBy?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Heartbeat. */
            type $Shape = backstay.trust.Heartbeat.$Properties;
        }

        /**
         * Properties of a RefusedOrder.
         * @deprecated Use backstay.trust.RefusedOrder.$Properties instead.
         */
        interface IRefusedOrder extends backstay.trust.RefusedOrder.$Properties {
        }

        /** Represents a RefusedOrder. */
        class RefusedOrder {

            /**
             * Constructs a new RefusedOrder.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.RefusedOrder.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RefusedOrder id. */
            id: Uint8Array;

            /** RefusedOrder code. */
            code: string;

            /**
             * Creates a new RefusedOrder instance using the specified properties.
             * @param [properties] Properties to set
             * @returns RefusedOrder instance
             */
            static create(properties: backstay.trust.RefusedOrder.$Shape): backstay.trust.RefusedOrder & backstay.trust.RefusedOrder.$Shape;
            static create(properties?: backstay.trust.RefusedOrder.$Properties): backstay.trust.RefusedOrder;

            /**
             * Encodes the specified RefusedOrder message. Does not implicitly {@link backstay.trust.RefusedOrder.verify|verify} messages.
             * @param message RefusedOrder message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.RefusedOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RefusedOrder message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.RefusedOrder & backstay.trust.RefusedOrder.$Shape} RefusedOrder
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.RefusedOrder & backstay.trust.RefusedOrder.$Shape;
        }

        namespace RefusedOrder {

            /** Properties of a RefusedOrder. */
            interface $Properties {

                /** RefusedOrder id */
                id?: (Uint8Array|null);

                /** RefusedOrder code */
                code?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RefusedOrder. */
            type $Shape = backstay.trust.RefusedOrder.$Properties;
        }

        /**
         * Properties of a Trouble.
         * @deprecated Use backstay.trust.Trouble.$Properties instead.
         */
        interface ITrouble extends backstay.trust.Trouble.$Properties {
        }

        /** Represents a Trouble. */
        class Trouble {

            /**
             * Constructs a new Trouble.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Trouble.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Trouble code. */
            code: string;

            /** Trouble count. */
            count: number;

            /** Trouble forMs. */
            forMs: number;

            /**
             * Creates a new Trouble instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Trouble instance
             */
            static create(properties: backstay.trust.Trouble.$Shape): backstay.trust.Trouble & backstay.trust.Trouble.$Shape;
            static create(properties?: backstay.trust.Trouble.$Properties): backstay.trust.Trouble;

            /**
             * Encodes the specified Trouble message. Does not implicitly {@link backstay.trust.Trouble.verify|verify} messages.
             * @param message Trouble message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Trouble.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Trouble message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Trouble & backstay.trust.Trouble.$Shape} Trouble
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Trouble & backstay.trust.Trouble.$Shape;
        }

        namespace Trouble {

            /** Properties of a Trouble. */
            interface $Properties {

                /** Trouble code */
                code?: (string|null);

                /** Trouble count */
                count?: (number|null);

                /** Trouble forMs */
                forMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Trouble. */
            type $Shape = backstay.trust.Trouble.$Properties;
        }

        /**
         * Properties of a Watch.
         * @deprecated Use backstay.trust.Watch.$Properties instead.
         */
        interface IWatch extends backstay.trust.Watch.$Properties {
        }

        /** Represents a Watch. */
        class Watch {

            /**
             * Constructs a new Watch.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Watch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Watch roots. */
            roots: number;

            /** Watch native. */
            native: number;

            /** Watch polled. */
            polled: number;

            /** Watch absent. */
            absent: number;

            /** Watch folders. */
            folders: number;

            /** Watch unwatched. */
            unwatched: number;

            /** Watch missed. */
            missed: number;

            /**
             * Creates a new Watch instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Watch instance
             */
            static create(properties: backstay.trust.Watch.$Shape): backstay.trust.Watch & backstay.trust.Watch.$Shape;
            static create(properties?: backstay.trust.Watch.$Properties): backstay.trust.Watch;

            /**
             * Encodes the specified Watch message. Does not implicitly {@link backstay.trust.Watch.verify|verify} messages.
             * @param message Watch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Watch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Watch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Watch & backstay.trust.Watch.$Shape} Watch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Watch & backstay.trust.Watch.$Shape;
        }

        namespace Watch {

            /** Properties of a Watch. */
            interface $Properties {

                /** Watch roots */
                roots?: (number|null);

                /** Watch native */
                native?: (number|null);

                /** Watch polled */
                polled?: (number|null);

                /** Watch absent */
                absent?: (number|null);

                /** Watch folders */
                folders?: (number|null);

                /** Watch unwatched */
                unwatched?: (number|null);

                /** Watch missed */
                missed?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Watch. */
            type $Shape = backstay.trust.Watch.$Properties;
        }

        /**
         * Properties of a Queue.
         * @deprecated Use backstay.trust.Queue.$Properties instead.
         */
        interface IQueue extends backstay.trust.Queue.$Properties {
        }

        /** Represents a Queue. */
        class Queue {

            /**
             * Constructs a new Queue.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Queue.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Queue everything. */
            everything: boolean;

            /** Queue folders. */
            folders: number;

            /** Queue objects. */
            objects: number;

            /** Queue bytes. */
            bytes: number;

            /**
             * Creates a new Queue instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Queue instance
             */
            static create(properties: backstay.trust.Queue.$Shape): backstay.trust.Queue & backstay.trust.Queue.$Shape;
            static create(properties?: backstay.trust.Queue.$Properties): backstay.trust.Queue;

            /**
             * Encodes the specified Queue message. Does not implicitly {@link backstay.trust.Queue.verify|verify} messages.
             * @param message Queue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Queue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Queue message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Queue & backstay.trust.Queue.$Shape} Queue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Queue & backstay.trust.Queue.$Shape;
        }

        namespace Queue {

            /** Properties of a Queue. */
            interface $Properties {

                /** Queue everything */
                everything?: (boolean|null);

                /** Queue folders */
                folders?: (number|null);

                /** Queue objects */
                objects?: (number|null);

                /** Queue bytes */
                bytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Queue. */
            type $Shape = backstay.trust.Queue.$Properties;
        }

        /**
         * Properties of a Running.
         * @deprecated Use backstay.trust.Running.$Properties instead.
         */
        interface IRunning extends backstay.trust.Running.$Properties {
        }

        /** Represents a Running. */
        class Running {

            /**
             * Constructs a new Running.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Running.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Running entries. */
            entries: number;

            /** Running readBytes. */
            readBytes: number;

            /** Running sentBytes. */
            sentBytes: number;

            /** Running forMs. */
            forMs: number;

            /**
             * Creates a new Running instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Running instance
             */
            static create(properties: backstay.trust.Running.$Shape): backstay.trust.Running & backstay.trust.Running.$Shape;
            static create(properties?: backstay.trust.Running.$Properties): backstay.trust.Running;

            /**
             * Encodes the specified Running message. Does not implicitly {@link backstay.trust.Running.verify|verify} messages.
             * @param message Running message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Running.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Running message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Running & backstay.trust.Running.$Shape} Running
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Running & backstay.trust.Running.$Shape;
        }

        namespace Running {

            /** Properties of a Running. */
            interface $Properties {

                /** Running entries */
                entries?: (number|null);

                /** Running readBytes */
                readBytes?: (number|null);

                /** Running sentBytes */
                sentBytes?: (number|null);

                /** Running forMs */
                forMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Running. */
            type $Shape = backstay.trust.Running.$Properties;
        }

        /**
         * Properties of a Vitals.
         * @deprecated Use backstay.trust.Vitals.$Properties instead.
         */
        interface IVitals extends backstay.trust.Vitals.$Properties {
        }

        /** Represents a Vitals. */
        class Vitals {

            /**
             * Constructs a new Vitals.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Vitals.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Vitals system. */
            system: string;

            /** Vitals model. */
            model: string;

            /** Vitals disks. */
            disks: backstay.trust.Disk.$Properties[];

            /** Vitals memoryBytes. */
            memoryBytes: number;

            /** Vitals memoryFreeBytes. */
            memoryFreeBytes: number;

            /** Vitals batteryPercent. */
            batteryPercent?: (number|null);

            /** Vitals charging. */
            charging: boolean;

            /** Vitals uptimeMs. */
            uptimeMs: number;

            /** Vitals agentMemoryBytes. */
            agentMemoryBytes: number;

            /** Vitals agentCpuMs. */
            agentCpuMs: number;

            /**
             * Creates a new Vitals instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Vitals instance
             */
            static create(properties: backstay.trust.Vitals.$Shape): backstay.trust.Vitals & backstay.trust.Vitals.$Shape;
            static create(properties?: backstay.trust.Vitals.$Properties): backstay.trust.Vitals;

            /**
             * Encodes the specified Vitals message. Does not implicitly {@link backstay.trust.Vitals.verify|verify} messages.
             * @param message Vitals message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Vitals.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Vitals message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Vitals & backstay.trust.Vitals.$Shape} Vitals
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Vitals & backstay.trust.Vitals.$Shape;
        }

        namespace Vitals {

            /** Properties of a Vitals. */
            interface $Properties {

                /** Vitals system */
                system?: (string|null);

                /** Vitals model */
                model?: (string|null);

                /** Vitals disks */
                disks?: (backstay.trust.Disk.$Properties[]|null);

                /** Vitals memoryBytes */
                memoryBytes?: (number|null);

                /** Vitals memoryFreeBytes */
                memoryFreeBytes?: (number|null);

                /** Vitals batteryPercent */
                batteryPercent?: (number|null);

                /** Vitals charging */
                charging?: (boolean|null);

                /** Vitals uptimeMs */
                uptimeMs?: (number|null);

                /** Vitals agentMemoryBytes */
                agentMemoryBytes?: (number|null);

                /** Vitals agentCpuMs */
                agentCpuMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Vitals. */
            type $Shape = backstay.trust.Vitals.$Properties;
        }

        /**
         * Properties of a Disk.
         * @deprecated Use backstay.trust.Disk.$Properties instead.
         */
        interface IDisk extends backstay.trust.Disk.$Properties {
        }

        /** Represents a Disk. */
        class Disk {

            /**
             * Constructs a new Disk.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Disk.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Disk bytes. */
            bytes: number;

            /** Disk freeBytes. */
            freeBytes: number;

            /**
             * Creates a new Disk instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Disk instance
             */
            static create(properties: backstay.trust.Disk.$Shape): backstay.trust.Disk & backstay.trust.Disk.$Shape;
            static create(properties?: backstay.trust.Disk.$Properties): backstay.trust.Disk;

            /**
             * Encodes the specified Disk message. Does not implicitly {@link backstay.trust.Disk.verify|verify} messages.
             * @param message Disk message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Disk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Disk message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Disk & backstay.trust.Disk.$Shape} Disk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Disk & backstay.trust.Disk.$Shape;
        }

        namespace Disk {

            /** Properties of a Disk. */
            interface $Properties {

                /** Disk bytes */
                bytes?: (number|null);

                /** Disk freeBytes */
                freeBytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Disk. */
            type $Shape = backstay.trust.Disk.$Properties;
        }

        /**
         * Properties of a Token.
         * @deprecated Use backstay.trust.Token.$Properties instead.
         */
        interface IToken extends backstay.trust.Token.$Properties {
        }

        /** Represents a Token. */
        class Token {

            /**
             * Constructs a new Token.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Token.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Token urls. */
            urls: string[];

            /** Token spkiPins. */
            spkiPins: Uint8Array[];

            /** Token fleet. */
            fleet: Uint8Array;

            /** Token trustVersion. */
            trustVersion: number;

            /** Token trustHash. */
            trustHash: Uint8Array;

            /** Token grant. */
            grant: Uint8Array;

            /** Token grantSeed. */
            grantSeed: Uint8Array;

            /**
             * Creates a new Token instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Token instance
             */
            static create(properties: backstay.trust.Token.$Shape): backstay.trust.Token & backstay.trust.Token.$Shape;
            static create(properties?: backstay.trust.Token.$Properties): backstay.trust.Token;

            /**
             * Encodes the specified Token message. Does not implicitly {@link backstay.trust.Token.verify|verify} messages.
             * @param message Token message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Token.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Token message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Token & backstay.trust.Token.$Shape} Token
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Token & backstay.trust.Token.$Shape;
        }

        namespace Token {

            /** Properties of a Token. */
            interface $Properties {

                /** Token urls */
                urls?: (string[]|null);

                /** Token spkiPins */
                spkiPins?: (Uint8Array[]|null);

                /** Token fleet */
                fleet?: (Uint8Array|null);

                /** Token trustVersion */
                trustVersion?: (number|null);

                /** Token trustHash */
                trustHash?: (Uint8Array|null);

                /** Token grant */
                grant?: (Uint8Array|null);

                /** Token grantSeed */
                grantSeed?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Token. */
            type $Shape = backstay.trust.Token.$Properties;
        }

        /**
         * Properties of a Setup.
         * @deprecated Use backstay.trust.Setup.$Properties instead.
         */
        interface ISetup extends backstay.trust.Setup.$Properties {
        }

        /** Represents a Setup. */
        class Setup {

            /**
             * Constructs a new Setup.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Setup.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Setup urls. */
            urls: string[];

            /** Setup spkiPins. */
            spkiPins: Uint8Array[];

            /** Setup collectorKey. */
            collectorKey: Uint8Array;

            /** Setup code. */
            code: Uint8Array;

            /**
             * Creates a new Setup instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Setup instance
             */
            static create(properties: backstay.trust.Setup.$Shape): backstay.trust.Setup & backstay.trust.Setup.$Shape;
            static create(properties?: backstay.trust.Setup.$Properties): backstay.trust.Setup;

            /**
             * Encodes the specified Setup message. Does not implicitly {@link backstay.trust.Setup.verify|verify} messages.
             * @param message Setup message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Setup.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Setup message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Setup & backstay.trust.Setup.$Shape} Setup
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Setup & backstay.trust.Setup.$Shape;
        }

        namespace Setup {

            /** Properties of a Setup. */
            interface $Properties {

                /** Setup urls */
                urls?: (string[]|null);

                /** Setup spkiPins */
                spkiPins?: (Uint8Array[]|null);

                /** Setup collectorKey */
                collectorKey?: (Uint8Array|null);

                /** Setup code */
                code?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Setup. */
            type $Shape = backstay.trust.Setup.$Properties;
        }

        /**
         * Properties of a Forget.
         * @deprecated Use backstay.trust.Forget.$Properties instead.
         */
        interface IForget extends backstay.trust.Forget.$Properties {
        }

        /** Represents a Forget. */
        class Forget {

            /**
             * Constructs a new Forget.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Forget.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Forget fleet. */
            fleet: Uint8Array;

            /** Forget device. */
            device: Uint8Array;

            /** Forget snapshots. */
            snapshots: Uint8Array[];

            /** Forget clockMs. */
            clockMs: number;

            /**
             * Creates a new Forget instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Forget instance
             */
            static create(properties: backstay.trust.Forget.$Shape): backstay.trust.Forget & backstay.trust.Forget.$Shape;
            static create(properties?: backstay.trust.Forget.$Properties): backstay.trust.Forget;

            /**
             * Encodes the specified Forget message. Does not implicitly {@link backstay.trust.Forget.verify|verify} messages.
             * @param message Forget message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Forget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Forget message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Forget & backstay.trust.Forget.$Shape} Forget
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Forget & backstay.trust.Forget.$Shape;
        }

        namespace Forget {

            /** Properties of a Forget. */
            interface $Properties {

                /** Forget fleet */
                fleet?: (Uint8Array|null);

                /** Forget device */
                device?: (Uint8Array|null);

                /** Forget snapshots */
                snapshots?: (Uint8Array[]|null);

                /** Forget clockMs */
                clockMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Forget. */
            type $Shape = backstay.trust.Forget.$Properties;
        }

        /**
         * Properties of a Receipt.
         * @deprecated Use backstay.trust.Receipt.$Properties instead.
         */
        interface IReceipt extends backstay.trust.Receipt.$Properties {
        }

        /** Represents a Receipt. */
        class Receipt {

            /**
             * Constructs a new Receipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Receipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Receipt fleet. */
            fleet: Uint8Array;

            /** Receipt device. */
            device: Uint8Array;

            /** Receipt received. */
            received: backstay.trust.Received.$Properties[];

            /** Receipt clockMs. */
            clockMs: number;

            /**
             * Creates a new Receipt instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Receipt instance
             */
            static create(properties: backstay.trust.Receipt.$Shape): backstay.trust.Receipt & backstay.trust.Receipt.$Shape;
            static create(properties?: backstay.trust.Receipt.$Properties): backstay.trust.Receipt;

            /**
             * Encodes the specified Receipt message. Does not implicitly {@link backstay.trust.Receipt.verify|verify} messages.
             * @param message Receipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Receipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Receipt & backstay.trust.Receipt.$Shape} Receipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Receipt & backstay.trust.Receipt.$Shape;
        }

        namespace Receipt {

            /** Properties of a Receipt. */
            interface $Properties {

                /** Receipt fleet */
                fleet?: (Uint8Array|null);

                /** Receipt device */
                device?: (Uint8Array|null);

                /** Receipt received */
                received?: (backstay.trust.Received.$Properties[]|null);

                /** Receipt clockMs */
                clockMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Receipt. */
            type $Shape = backstay.trust.Receipt.$Properties;
        }

        /**
         * Properties of a Received.
         * @deprecated Use backstay.trust.Received.$Properties instead.
         */
        interface IReceived extends backstay.trust.Received.$Properties {
        }

        /** Represents a Received. */
        class Received {

            /**
             * Constructs a new Received.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Received.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Received snapshot. */
            snapshot: Uint8Array;

            /** Received clockMs. */
            clockMs: number;

            /**
             * Creates a new Received instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Received instance
             */
            static create(properties: backstay.trust.Received.$Shape): backstay.trust.Received & backstay.trust.Received.$Shape;
            static create(properties?: backstay.trust.Received.$Properties): backstay.trust.Received;

            /**
             * Encodes the specified Received message. Does not implicitly {@link backstay.trust.Received.verify|verify} messages.
             * @param message Received message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Received.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Received message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Received & backstay.trust.Received.$Shape} Received
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Received & backstay.trust.Received.$Shape;
        }

        namespace Received {

            /** Properties of a Received. */
            interface $Properties {

                /** Received snapshot */
                snapshot?: (Uint8Array|null);

                /** Received clockMs */
                clockMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Received. */
            type $Shape = backstay.trust.Received.$Properties;
        }

        /**
         * Properties of a CatalogRows.
         * @deprecated Use backstay.trust.CatalogRows.$Properties instead.
         */
        interface ICatalogRows extends backstay.trust.CatalogRows.$Properties {
        }

        /** Represents a CatalogRows. */
        class CatalogRows {

            /**
             * Constructs a new CatalogRows.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.CatalogRows.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogRows fleet. */
            fleet: Uint8Array;

            /** CatalogRows clockMs. */
            clockMs: number;

            /** CatalogRows part. */
            part: number;

            /** CatalogRows parts. */
            parts: number;

            /** CatalogRows tables. */
            tables: backstay.trust.CatalogTable.$Properties[];

            /**
             * Creates a new CatalogRows instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CatalogRows instance
             */
            static create(properties: backstay.trust.CatalogRows.$Shape): backstay.trust.CatalogRows & backstay.trust.CatalogRows.$Shape;
            static create(properties?: backstay.trust.CatalogRows.$Properties): backstay.trust.CatalogRows;

            /**
             * Encodes the specified CatalogRows message. Does not implicitly {@link backstay.trust.CatalogRows.verify|verify} messages.
             * @param message CatalogRows message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.CatalogRows.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogRows message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.CatalogRows & backstay.trust.CatalogRows.$Shape} CatalogRows
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.CatalogRows & backstay.trust.CatalogRows.$Shape;
        }

        namespace CatalogRows {

            /** Properties of a CatalogRows. */
            interface $Properties {

                /** CatalogRows fleet */
                fleet?: (Uint8Array|null);

                /** CatalogRows clockMs */
                clockMs?: (number|null);

                /** CatalogRows part */
                part?: (number|null);

                /** CatalogRows parts */
                parts?: (number|null);

                /** CatalogRows tables */
                tables?: (backstay.trust.CatalogTable.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogRows. */
            type $Shape = backstay.trust.CatalogRows.$Properties;
        }

        /**
         * Properties of a CatalogTable.
         * @deprecated Use backstay.trust.CatalogTable.$Properties instead.
         */
        interface ICatalogTable extends backstay.trust.CatalogTable.$Properties {
        }

        /** Represents a CatalogTable. */
        class CatalogTable {

            /**
             * Constructs a new CatalogTable.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.CatalogTable.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogTable name. */
            name: string;

            /** CatalogTable columns. */
            columns: string[];

            /** CatalogTable rows. */
            rows: backstay.trust.CatalogRow.$Properties[];

            /**
             * Creates a new CatalogTable instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CatalogTable instance
             */
            static create(properties: backstay.trust.CatalogTable.$Shape): backstay.trust.CatalogTable & backstay.trust.CatalogTable.$Shape;
            static create(properties?: backstay.trust.CatalogTable.$Properties): backstay.trust.CatalogTable;

            /**
             * Encodes the specified CatalogTable message. Does not implicitly {@link backstay.trust.CatalogTable.verify|verify} messages.
             * @param message CatalogTable message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.CatalogTable.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogTable message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.CatalogTable & backstay.trust.CatalogTable.$Shape} CatalogTable
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.CatalogTable & backstay.trust.CatalogTable.$Shape;
        }

        namespace CatalogTable {

            /** Properties of a CatalogTable. */
            interface $Properties {

                /** CatalogTable name */
                name?: (string|null);

                /** CatalogTable columns */
                columns?: (string[]|null);

                /** CatalogTable rows */
                rows?: (backstay.trust.CatalogRow.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogTable. */
            type $Shape = backstay.trust.CatalogTable.$Properties;
        }

        /**
         * Properties of a CatalogRow.
         * @deprecated Use backstay.trust.CatalogRow.$Properties instead.
         */
        interface ICatalogRow extends backstay.trust.CatalogRow.$Properties {
        }

        /** Represents a CatalogRow. */
        class CatalogRow {

            /**
             * Constructs a new CatalogRow.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.CatalogRow.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogRow cells. */
            cells: backstay.trust.CatalogCell.$Properties[];

            /**
             * Creates a new CatalogRow instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CatalogRow instance
             */
            static create(properties: backstay.trust.CatalogRow.$Shape): backstay.trust.CatalogRow & backstay.trust.CatalogRow.$Shape;
            static create(properties?: backstay.trust.CatalogRow.$Properties): backstay.trust.CatalogRow;

            /**
             * Encodes the specified CatalogRow message. Does not implicitly {@link backstay.trust.CatalogRow.verify|verify} messages.
             * @param message CatalogRow message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.CatalogRow.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogRow message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.CatalogRow & backstay.trust.CatalogRow.$Shape} CatalogRow
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.CatalogRow & backstay.trust.CatalogRow.$Shape;
        }

        namespace CatalogRow {

            /** Properties of a CatalogRow. */
            interface $Properties {

                /** CatalogRow cells */
                cells?: (backstay.trust.CatalogCell.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogRow. */
            type $Shape = backstay.trust.CatalogRow.$Properties;
        }

        /**
         * Properties of a CatalogCell.
         * @deprecated Use backstay.trust.CatalogCell.$Properties instead.
         */
        interface ICatalogCell extends backstay.trust.CatalogCell.$Properties {
        }

        /** Represents a CatalogCell. */
        class CatalogCell {

            /**
             * Constructs a new CatalogCell.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.CatalogCell.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogCell number. */
            number?: (number|null);

            /** CatalogCell bytes. */
            bytes?: (Uint8Array|null);

            /** CatalogCell text. */
            text?: (string|null);

            /**
             * Creates a new CatalogCell instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CatalogCell instance
             */
            static create(properties: backstay.trust.CatalogCell.$Shape): backstay.trust.CatalogCell & backstay.trust.CatalogCell.$Shape;
            static create(properties?: backstay.trust.CatalogCell.$Properties): backstay.trust.CatalogCell;

            /**
             * Encodes the specified CatalogCell message. Does not implicitly {@link backstay.trust.CatalogCell.verify|verify} messages.
             * @param message CatalogCell message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.CatalogCell.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogCell message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.CatalogCell & backstay.trust.CatalogCell.$Shape} CatalogCell
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.CatalogCell & backstay.trust.CatalogCell.$Shape;
        }

        namespace CatalogCell {

            /** Properties of a CatalogCell. */
            interface $Properties {

                /** CatalogCell number */
                number?: (number|null);

                /** CatalogCell bytes */
                bytes?: (Uint8Array|null);

                /** CatalogCell text */
                text?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogCell. */
            type $Shape = backstay.trust.CatalogCell.$Properties;
        }

        /**
         * Properties of a Hold.
         * @deprecated Use backstay.trust.Hold.$Properties instead.
         */
        interface IHold extends backstay.trust.Hold.$Properties {
        }

        /** Represents a Hold. */
        class Hold {

            /**
             * Constructs a new Hold.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Hold.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Hold order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Hold device. */
            device: Uint8Array;

            /** Hold snapshot. */
            snapshot: Uint8Array;

            /** Hold reason. */
            reason: string;

            /** Hold releases. */
            releases: Uint8Array;

            /**
             * Creates a new Hold instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Hold instance
             */
            static create(properties: backstay.trust.Hold.$Shape): backstay.trust.Hold & backstay.trust.Hold.$Shape;
            static create(properties?: backstay.trust.Hold.$Properties): backstay.trust.Hold;

            /**
             * Encodes the specified Hold message. Does not implicitly {@link backstay.trust.Hold.verify|verify} messages.
             * @param message Hold message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Hold.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Hold message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Hold & backstay.trust.Hold.$Shape} Hold
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Hold & backstay.trust.Hold.$Shape;
        }

        namespace Hold {

            /** Properties of a Hold. */
            interface $Properties {

                /** Hold order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Hold device */
                device?: (Uint8Array|null);

                /** Hold snapshot */
                snapshot?: (Uint8Array|null);

                /** Hold reason */
                reason?: (string|null);

                /** Hold releases */
                releases?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Hold. */
            type $Shape = backstay.trust.Hold.$Properties;
        }

        /**
         * Properties of a Group.
         * @deprecated Use backstay.trust.Group.$Properties instead.
         */
        interface IGroup extends backstay.trust.Group.$Properties {
        }

        /** Represents a Group. */
        class Group {

            /**
             * Constructs a new Group.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Group.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Group order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Group id. */
            id: Uint8Array;

            /** Group name. */
            name: string;

            /** Group parent. */
            parent: Uint8Array;

            /** Group retired. */
            retired: boolean;

            /**
             * Creates a new Group instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Group instance
             */
            static create(properties: backstay.trust.Group.$Shape): backstay.trust.Group & backstay.trust.Group.$Shape;
            static create(properties?: backstay.trust.Group.$Properties): backstay.trust.Group;

            /**
             * Encodes the specified Group message. Does not implicitly {@link backstay.trust.Group.verify|verify} messages.
             * @param message Group message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Group.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Group message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Group & backstay.trust.Group.$Shape} Group
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Group & backstay.trust.Group.$Shape;
        }

        namespace Group {

            /** Properties of a Group. */
            interface $Properties {

                /** Group order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Group id */
                id?: (Uint8Array|null);

                /** Group name */
                name?: (string|null);

                /** Group parent */
                parent?: (Uint8Array|null);

                /** Group retired */
                retired?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Group. */
            type $Shape = backstay.trust.Group.$Properties;
        }

        /**
         * Properties of an Assignment.
         * @deprecated Use backstay.trust.Assignment.$Properties instead.
         */
        interface IAssignment extends backstay.trust.Assignment.$Properties {
        }

        /** Represents an Assignment. */
        class Assignment {

            /**
             * Constructs a new Assignment.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Assignment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Assignment order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Assignment devices. */
            devices: Uint8Array[];

            /** Assignment group. */
            group: Uint8Array;

            /**
             * Creates a new Assignment instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Assignment instance
             */
            static create(properties: backstay.trust.Assignment.$Shape): backstay.trust.Assignment & backstay.trust.Assignment.$Shape;
            static create(properties?: backstay.trust.Assignment.$Properties): backstay.trust.Assignment;

            /**
             * Encodes the specified Assignment message. Does not implicitly {@link backstay.trust.Assignment.verify|verify} messages.
             * @param message Assignment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Assignment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Assignment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Assignment & backstay.trust.Assignment.$Shape} Assignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Assignment & backstay.trust.Assignment.$Shape;
        }

        namespace Assignment {

            /** Properties of an Assignment. */
            interface $Properties {

                /** Assignment order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Assignment devices */
                devices?: (Uint8Array[]|null);

                /** Assignment group */
                group?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Assignment. */
            type $Shape = backstay.trust.Assignment.$Properties;
        }

        /**
         * Properties of an Erase.
         * @deprecated Use backstay.trust.Erase.$Properties instead.
         */
        interface IErase extends backstay.trust.Erase.$Properties {
        }

        /** Represents an Erase. */
        class Erase {

            /**
             * Constructs a new Erase.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Erase.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Erase order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Erase device. */
            device: Uint8Array;

            /** Erase reason. */
            reason: string;

            /**
             * Creates a new Erase instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Erase instance
             */
            static create(properties: backstay.trust.Erase.$Shape): backstay.trust.Erase & backstay.trust.Erase.$Shape;
            static create(properties?: backstay.trust.Erase.$Properties): backstay.trust.Erase;

            /**
             * Encodes the specified Erase message. Does not implicitly {@link backstay.trust.Erase.verify|verify} messages.
             * @param message Erase message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Erase.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Erase message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Erase & backstay.trust.Erase.$Shape} Erase
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Erase & backstay.trust.Erase.$Shape;
        }

        namespace Erase {

            /** Properties of an Erase. */
            interface $Properties {

                /** Erase order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Erase device */
                device?: (Uint8Array|null);

                /** Erase reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Erase. */
            type $Shape = backstay.trust.Erase.$Properties;
        }

        /**
         * Properties of a Release.
         * @deprecated Use backstay.trust.Release.$Properties instead.
         */
        interface IRelease extends backstay.trust.Release.$Properties {
        }

        /** Represents a Release. */
        class Release {

            /**
             * Constructs a new Release.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Release.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Release version. */
            version: string;

            /** Release issuedAtMs. */
            issuedAtMs: number;

            /** Release files. */
            files: backstay.trust.ReleasedFile.$Properties[];

            /**
             * Creates a new Release instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Release instance
             */
            static create(properties: backstay.trust.Release.$Shape): backstay.trust.Release & backstay.trust.Release.$Shape;
            static create(properties?: backstay.trust.Release.$Properties): backstay.trust.Release;

            /**
             * Encodes the specified Release message. Does not implicitly {@link backstay.trust.Release.verify|verify} messages.
             * @param message Release message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Release.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Release message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Release & backstay.trust.Release.$Shape} Release
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Release & backstay.trust.Release.$Shape;
        }

        namespace Release {

            /** Properties of a Release. */
            interface $Properties {

                /** Release version */
                version?: (string|null);

                /** Release issuedAtMs */
                issuedAtMs?: (number|null);

                /** Release files */
                files?: (backstay.trust.ReleasedFile.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Release. */
            type $Shape = backstay.trust.Release.$Properties;
        }

        /**
         * Properties of a ReleasedFile.
         * @deprecated Use backstay.trust.ReleasedFile.$Properties instead.
         */
        interface IReleasedFile extends backstay.trust.ReleasedFile.$Properties {
        }

        /** Represents a ReleasedFile. */
        class ReleasedFile {

            /**
             * Constructs a new ReleasedFile.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.ReleasedFile.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReleasedFile program. */
            program: string;

            /** ReleasedFile target. */
            target: string;

            /** ReleasedFile format. */
            format: string;

            /** ReleasedFile name. */
            name: string;

            /** ReleasedFile bytes. */
            bytes: number;

            /** ReleasedFile sha256. */
            sha256: Uint8Array;

            /**
             * Creates a new ReleasedFile instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ReleasedFile instance
             */
            static create(properties: backstay.trust.ReleasedFile.$Shape): backstay.trust.ReleasedFile & backstay.trust.ReleasedFile.$Shape;
            static create(properties?: backstay.trust.ReleasedFile.$Properties): backstay.trust.ReleasedFile;

            /**
             * Encodes the specified ReleasedFile message. Does not implicitly {@link backstay.trust.ReleasedFile.verify|verify} messages.
             * @param message ReleasedFile message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.ReleasedFile.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReleasedFile message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.ReleasedFile & backstay.trust.ReleasedFile.$Shape} ReleasedFile
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.ReleasedFile & backstay.trust.ReleasedFile.$Shape;
        }

        namespace ReleasedFile {

            /** Properties of a ReleasedFile. */
            interface $Properties {

                /** ReleasedFile program */
                program?: (string|null);

                /** ReleasedFile target */
                target?: (string|null);

                /** ReleasedFile format */
                format?: (string|null);

                /** ReleasedFile name */
                name?: (string|null);

                /** ReleasedFile bytes */
                bytes?: (number|null);

                /** ReleasedFile sha256 */
                sha256?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReleasedFile. */
            type $Shape = backstay.trust.ReleasedFile.$Properties;
        }

        /**
         * Properties of a JobReport.
         * @deprecated Use backstay.trust.JobReport.$Properties instead.
         */
        interface IJobReport extends backstay.trust.JobReport.$Properties {
        }

        /** Represents a JobReport. */
        class JobReport {

            /**
             * Constructs a new JobReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.JobReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JobReport fleet. */
            fleet: Uint8Array;

            /** JobReport device. */
            device: Uint8Array;

            /** JobReport job. */
            job: Uint8Array;

            /** JobReport state. */
            state: string;

            /** JobReport code. */
            code: string;

            /** JobReport sealed. */
            sealed: Uint8Array;

            /** JobReport atMs. */
            atMs: number;

            /**
             * Creates a new JobReport instance using the specified properties.
             * @param [properties] Properties to set
             * @returns JobReport instance
             */
            static create(properties: backstay.trust.JobReport.$Shape): backstay.trust.JobReport & backstay.trust.JobReport.$Shape;
            static create(properties?: backstay.trust.JobReport.$Properties): backstay.trust.JobReport;

            /**
             * Encodes the specified JobReport message. Does not implicitly {@link backstay.trust.JobReport.verify|verify} messages.
             * @param message JobReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.JobReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JobReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.JobReport & backstay.trust.JobReport.$Shape} JobReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.JobReport & backstay.trust.JobReport.$Shape;
        }

        namespace JobReport {

            /** Properties of a JobReport. */
            interface $Properties {

                /** JobReport fleet */
                fleet?: (Uint8Array|null);

                /** JobReport device */
                device?: (Uint8Array|null);

                /** JobReport job */
                job?: (Uint8Array|null);

                /** JobReport state */
                state?: (string|null);

                /** JobReport code */
                code?: (string|null);

                /** JobReport sealed */
                sealed?: (Uint8Array|null);

                /** JobReport atMs */
                atMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JobReport. */
            type $Shape = backstay.trust.JobReport.$Properties;
        }

        /**
         * Properties of a Parcel.
         * @deprecated Use backstay.trust.Parcel.$Properties instead.
         */
        interface IParcel extends backstay.trust.Parcel.$Properties {
        }

        /** Represents a Parcel. */
        class Parcel {

            /**
             * Constructs a new Parcel.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.trust.Parcel.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Parcel order. */
            order?: (backstay.trust.Order.$Properties|null);

            /** Parcel key. */
            key: Uint8Array;

            /** Parcel source. */
            source: Uint8Array;

            /** Parcel entries. */
            entries: number;

            /** Parcel bytes. */
            bytes: number;

            /** Parcel sealed. */
            sealed: Uint8Array;

            /** Parcel ends. */
            ends: Uint8Array;

            /**
             * Creates a new Parcel instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Parcel instance
             */
            static create(properties: backstay.trust.Parcel.$Shape): backstay.trust.Parcel & backstay.trust.Parcel.$Shape;
            static create(properties?: backstay.trust.Parcel.$Properties): backstay.trust.Parcel;

            /**
             * Encodes the specified Parcel message. Does not implicitly {@link backstay.trust.Parcel.verify|verify} messages.
             * @param message Parcel message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.trust.Parcel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Parcel message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.trust.Parcel & backstay.trust.Parcel.$Shape} Parcel
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.trust.Parcel & backstay.trust.Parcel.$Shape;
        }

        namespace Parcel {

            /** Properties of a Parcel. */
            interface $Properties {

                /** Parcel order */
                order?: (backstay.trust.Order.$Properties|null);

                /** Parcel key */
                key?: (Uint8Array|null);

                /** Parcel source */
                source?: (Uint8Array|null);

                /** Parcel entries */
                entries?: (number|null);

                /** Parcel bytes */
                bytes?: (number|null);

                /** Parcel sealed */
                sealed?: (Uint8Array|null);

                /** Parcel ends */
                ends?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Parcel. */
            type $Shape = backstay.trust.Parcel.$Properties;
        }
    }
}
