import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace backstay. */
export namespace backstay {

    /** Namespace content. */
    namespace content {

        /**
         * Properties of a Page.
         * @deprecated Use backstay.content.Page.$Properties instead.
         */
        interface IPage extends backstay.content.Page.$Properties {
        }

        /** Represents a Page. */
        class Page {

            /**
             * Constructs a new Page.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Page.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Page level. */
            level: number;

            /** Page prefix. */
            prefix: Uint8Array;

            /** Page entries. */
            entries: backstay.content.Entry.$Properties[];

            /** Page extents. */
            extents: backstay.content.Extent.$Properties[];

            /** Page children. */
            children: backstay.content.Child.$Properties[];

            /** Page keys. */
            keys: Uint8Array;

            /**
             * Creates a new Page instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Page instance
             */
            static create(properties: backstay.content.Page.$Shape): backstay.content.Page & backstay.content.Page.$Shape;
            static create(properties?: backstay.content.Page.$Properties): backstay.content.Page;

            /**
             * Encodes the specified Page message. Does not implicitly {@link backstay.content.Page.verify|verify} messages.
             * @param message Page message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Page.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Page message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Page & backstay.content.Page.$Shape} Page
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Page & backstay.content.Page.$Shape;
        }

        namespace Page {

            /** Properties of a Page. */
            interface $Properties {

                /** Page level */
                level?: (number|null);

                /** Page prefix */
                prefix?: (Uint8Array|null);

                /** Page entries */
                entries?: (backstay.content.Entry.$Properties[]|null);

                /** Page extents */
                extents?: (backstay.content.Extent.$Properties[]|null);

                /** Page children */
                children?: (backstay.content.Child.$Properties[]|null);

                /** Page keys */
                keys?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Page. */
            type $Shape = backstay.content.Page.$Properties;
        }

        /**
         * Properties of a Child.
         * @deprecated Use backstay.content.Child.$Properties instead.
         */
        interface IChild extends backstay.content.Child.$Properties {
        }

        /** Represents a Child. */
        class Child {

            /**
             * Constructs a new Child.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Child.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Child firstKey. */
            firstKey: Uint8Array;

            /** Child child. */
            child: number;

            /** Child entries. */
            entries: number;

            /** Child bytes. */
            bytes: number;

            /** Child unread. */
            unread: number;

            /**
             * Creates a new Child instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Child instance
             */
            static create(properties: backstay.content.Child.$Shape): backstay.content.Child & backstay.content.Child.$Shape;
            static create(properties?: backstay.content.Child.$Properties): backstay.content.Child;

            /**
             * Encodes the specified Child message. Does not implicitly {@link backstay.content.Child.verify|verify} messages.
             * @param message Child message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Child.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Child message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Child & backstay.content.Child.$Shape} Child
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Child & backstay.content.Child.$Shape;
        }

        namespace Child {

            /** Properties of a Child. */
            interface $Properties {

                /** Child firstKey */
                firstKey?: (Uint8Array|null);

                /** Child child */
                child?: (number|null);

                /** Child entries */
                entries?: (number|null);

                /** Child bytes */
                bytes?: (number|null);

                /** Child unread */
                unread?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Child. */
            type $Shape = backstay.content.Child.$Properties;
        }

        /** Kind enum. */
        enum Kind {

            /** KIND_UNSPECIFIED value */
            KIND_UNSPECIFIED = 0,

            /** FILE value */
            FILE = 1,

            /** FOLDER value */
            FOLDER = 2,

            /** SYMLINK value */
            SYMLINK = 3,

            /** FIFO value */
            FIFO = 4,

            /** SOCKET value */
            SOCKET = 5,

            /** CHARACTER_DEVICE value */
            CHARACTER_DEVICE = 6,

            /** BLOCK_DEVICE value */
            BLOCK_DEVICE = 7,

            /** UNREAD value */
            UNREAD = 8
        }

        /**
         * Properties of an Entry.
         * @deprecated Use backstay.content.Entry.$Properties instead.
         */
        interface IEntry extends backstay.content.Entry.$Properties {
        }

        /** Represents an Entry. */
        class Entry {

            /**
             * Constructs a new Entry.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Entry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Entry key. */
            key: Uint8Array;

            /** Entry shared. */
            shared: number;

            /** Entry kind. */
            kind: backstay.content.Kind;

            /** Entry size. */
            size: number;

            /** Entry mode. */
            mode: number;

            /** Entry uid. */
            uid: number;

            /** Entry gid. */
            gid: number;

            /** Entry user. */
            user: Uint8Array;

            /** Entry group. */
            group: Uint8Array;

            /** Entry mtimeS. */
            mtimeS: number;

            /** Entry mtimeNs. */
            mtimeNs: number;

            /** Entry linkGroup. */
            linkGroup: Uint8Array;

            /** Entry target. */
            target: Uint8Array;

            /** Entry deviceMajor. */
            deviceMajor: number;

            /** Entry deviceMinor. */
            deviceMinor: number;

            /** Entry attributes. */
            attributes: backstay.content.Attribute.$Properties[];

            /** Entry sha256. */
            sha256: Uint8Array;

            /** Entry inline. */
            inline: Uint8Array;

            /** Entry extents. */
            extents: backstay.content.Extent.$Properties[];

            /** Entry extentTree. */
            extentTree?: (backstay.content.Tree.$Properties|null);

            /** Entry unread. */
            unread?: (backstay.content.Unread.$Properties|null);

            /** Entry staleSinceS. */
            staleSinceS: number;

            /** Entry sparse. */
            sparse: boolean;

            /**
             * Creates a new Entry instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Entry instance
             */
            static create(properties: backstay.content.Entry.$Shape): backstay.content.Entry & backstay.content.Entry.$Shape;
            static create(properties?: backstay.content.Entry.$Properties): backstay.content.Entry;

            /**
             * Encodes the specified Entry message. Does not implicitly {@link backstay.content.Entry.verify|verify} messages.
             * @param message Entry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Entry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Entry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Entry & backstay.content.Entry.$Shape} Entry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Entry & backstay.content.Entry.$Shape;
        }

        namespace Entry {

            /** Properties of an Entry. */
            interface $Properties {

                /** Entry key */
                key?: (Uint8Array|null);

                /** Entry shared */
                shared?: (number|null);

                /** Entry kind */
                kind?: (backstay.content.Kind|null);

                /** Entry size */
                size?: (number|null);

                /** Entry mode */
                mode?: (number|null);

                /** Entry uid */
                uid?: (number|null);

                /** Entry gid */
                gid?: (number|null);

                /** Entry user */
                user?: (Uint8Array|null);

                /** Entry group */
                group?: (Uint8Array|null);

                /** Entry mtimeS */
                mtimeS?: (number|null);

                /** Entry mtimeNs */
                mtimeNs?: (number|null);

                /** Entry linkGroup */
                linkGroup?: (Uint8Array|null);

                /** Entry target */
                target?: (Uint8Array|null);

                /** Entry deviceMajor */
                deviceMajor?: (number|null);

                /** Entry deviceMinor */
                deviceMinor?: (number|null);

                /** Entry attributes */
                attributes?: (backstay.content.Attribute.$Properties[]|null);

                /** Entry sha256 */
                sha256?: (Uint8Array|null);

                /** Entry inline */
                inline?: (Uint8Array|null);

                /** Entry extents */
                extents?: (backstay.content.Extent.$Properties[]|null);

                /** Entry extentTree */
                extentTree?: (backstay.content.Tree.$Properties|null);

                /** Entry unread */
                unread?: (backstay.content.Unread.$Properties|null);

                /** Entry staleSinceS */
                staleSinceS?: (number|null);

                /** Entry sparse */
                sparse?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Entry. */
            type $Shape = backstay.content.Entry.$Properties;
        }

        /**
         * Properties of an Attribute.
         * @deprecated Use backstay.content.Attribute.$Properties instead.
         */
        interface IAttribute extends backstay.content.Attribute.$Properties {
        }

        /** Represents an Attribute. */
        class Attribute {

            /**
             * Constructs a new Attribute.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Attribute.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Attribute name. */
            name: Uint8Array;

            /** Attribute value. */
            value: Uint8Array;

            /**
             * Creates a new Attribute instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Attribute instance
             */
            static create(properties: backstay.content.Attribute.$Shape): backstay.content.Attribute & backstay.content.Attribute.$Shape;
            static create(properties?: backstay.content.Attribute.$Properties): backstay.content.Attribute;

            /**
             * Encodes the specified Attribute message. Does not implicitly {@link backstay.content.Attribute.verify|verify} messages.
             * @param message Attribute message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Attribute.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Attribute message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Attribute & backstay.content.Attribute.$Shape} Attribute
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Attribute & backstay.content.Attribute.$Shape;
        }

        namespace Attribute {

            /** Properties of an Attribute. */
            interface $Properties {

                /** Attribute name */
                name?: (Uint8Array|null);

                /** Attribute value */
                value?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Attribute. */
            type $Shape = backstay.content.Attribute.$Properties;
        }

        /**
         * Properties of an Extent.
         * @deprecated Use backstay.content.Extent.$Properties instead.
         */
        interface IExtent extends backstay.content.Extent.$Properties {
        }

        /** Represents an Extent. */
        class Extent {

            /**
             * Constructs a new Extent.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Extent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Extent offset. */
            offset: number;

            /** Extent segment. */
            segment: number;

            /** Extent start. */
            start: number;

            /** Extent length. */
            length: number;

            /**
             * Creates a new Extent instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Extent instance
             */
            static create(properties: backstay.content.Extent.$Shape): backstay.content.Extent & backstay.content.Extent.$Shape;
            static create(properties?: backstay.content.Extent.$Properties): backstay.content.Extent;

            /**
             * Encodes the specified Extent message. Does not implicitly {@link backstay.content.Extent.verify|verify} messages.
             * @param message Extent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Extent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Extent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Extent & backstay.content.Extent.$Shape} Extent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Extent & backstay.content.Extent.$Shape;
        }

        namespace Extent {

            /** Properties of an Extent. */
            interface $Properties {

                /** Extent offset */
                offset?: (number|null);

                /** Extent segment */
                segment?: (number|null);

                /** Extent start */
                start?: (number|null);

                /** Extent length */
                length?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Extent. */
            type $Shape = backstay.content.Extent.$Properties;
        }

        /**
         * Properties of a Tree.
         * @deprecated Use backstay.content.Tree.$Properties instead.
         */
        interface ITree extends backstay.content.Tree.$Properties {
        }

        /** Represents a Tree. */
        class Tree {

            /**
             * Constructs a new Tree.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Tree.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Tree child. */
            child: number;

            /** Tree extents. */
            extents: number;

            /**
             * Creates a new Tree instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Tree instance
             */
            static create(properties: backstay.content.Tree.$Shape): backstay.content.Tree & backstay.content.Tree.$Shape;
            static create(properties?: backstay.content.Tree.$Properties): backstay.content.Tree;

            /**
             * Encodes the specified Tree message. Does not implicitly {@link backstay.content.Tree.verify|verify} messages.
             * @param message Tree message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Tree.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Tree message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Tree & backstay.content.Tree.$Shape} Tree
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Tree & backstay.content.Tree.$Shape;
        }

        namespace Tree {

            /** Properties of a Tree. */
            interface $Properties {

                /** Tree child */
                child?: (number|null);

                /** Tree extents */
                extents?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Tree. */
            type $Shape = backstay.content.Tree.$Properties;
        }

        /**
         * Properties of an Unread.
         * @deprecated Use backstay.content.Unread.$Properties instead.
         */
        interface IUnread extends backstay.content.Unread.$Properties {
        }

        /** Represents an Unread. */
        class Unread {

            /**
             * Constructs a new Unread.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Unread.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Unread kind. */
            kind: backstay.content.Kind;

            /** Unread reason. */
            reason: string;

            /** Unread detail. */
            detail: string;

            /** Unread hasContent. */
            hasContent: boolean;

            /**
             * Creates a new Unread instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Unread instance
             */
            static create(properties: backstay.content.Unread.$Shape): backstay.content.Unread & backstay.content.Unread.$Shape;
            static create(properties?: backstay.content.Unread.$Properties): backstay.content.Unread;

            /**
             * Encodes the specified Unread message. Does not implicitly {@link backstay.content.Unread.verify|verify} messages.
             * @param message Unread message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Unread.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Unread message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Unread & backstay.content.Unread.$Shape} Unread
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Unread & backstay.content.Unread.$Shape;
        }

        namespace Unread {

            /** Properties of an Unread. */
            interface $Properties {

                /** Unread kind */
                kind?: (backstay.content.Kind|null);

                /** Unread reason */
                reason?: (string|null);

                /** Unread detail */
                detail?: (string|null);

                /** Unread hasContent */
                hasContent?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Unread. */
            type $Shape = backstay.content.Unread.$Properties;
        }

        /**
         * Properties of a CommitBody.
         * @deprecated Use backstay.content.CommitBody.$Properties instead.
         */
        interface ICommitBody extends backstay.content.CommitBody.$Properties {
        }

        /** Represents a CommitBody. */
        class CommitBody {

            /**
             * Constructs a new CommitBody.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.CommitBody.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CommitBody rootKey. */
            rootKey: Uint8Array;

            /** CommitBody rootType. */
            rootType: number;

            /** CommitBody host. */
            host: string;

            /** CommitBody roots. */
            roots: Uint8Array[];

            /** CommitBody unread. */
            unread: backstay.content.Reason.$Properties[];

            /** CommitBody agentVersion. */
            agentVersion: string;

            /** CommitBody label. */
            label: string;

            /** CommitBody namesKey. */
            namesKey: Uint8Array;

            /**
             * Creates a new CommitBody instance using the specified properties.
             * @param [properties] Properties to set
             * @returns CommitBody instance
             */
            static create(properties: backstay.content.CommitBody.$Shape): backstay.content.CommitBody & backstay.content.CommitBody.$Shape;
            static create(properties?: backstay.content.CommitBody.$Properties): backstay.content.CommitBody;

            /**
             * Encodes the specified CommitBody message. Does not implicitly {@link backstay.content.CommitBody.verify|verify} messages.
             * @param message CommitBody message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.CommitBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CommitBody message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.CommitBody & backstay.content.CommitBody.$Shape} CommitBody
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.CommitBody & backstay.content.CommitBody.$Shape;
        }

        namespace CommitBody {

            /** Properties of a CommitBody. */
            interface $Properties {

                /** CommitBody rootKey */
                rootKey?: (Uint8Array|null);

                /** CommitBody rootType */
                rootType?: (number|null);

                /** CommitBody host */
                host?: (string|null);

                /** CommitBody roots */
                roots?: (Uint8Array[]|null);

                /** CommitBody unread */
                unread?: (backstay.content.Reason.$Properties[]|null);

                /** CommitBody agentVersion */
                agentVersion?: (string|null);

                /** CommitBody label */
                label?: (string|null);

                /** CommitBody namesKey */
                namesKey?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CommitBody. */
            type $Shape = backstay.content.CommitBody.$Properties;
        }

        /**
         * Properties of a Reason.
         * @deprecated Use backstay.content.Reason.$Properties instead.
         */
        interface IReason extends backstay.content.Reason.$Properties {
        }

        /** Represents a Reason. */
        class Reason {

            /**
             * Constructs a new Reason.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Reason.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Reason reason. */
            reason: string;

            /** Reason entries. */
            entries: number;

            /**
             * Creates a new Reason instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Reason instance
             */
            static create(properties: backstay.content.Reason.$Shape): backstay.content.Reason & backstay.content.Reason.$Shape;
            static create(properties?: backstay.content.Reason.$Properties): backstay.content.Reason;

            /**
             * Encodes the specified Reason message. Does not implicitly {@link backstay.content.Reason.verify|verify} messages.
             * @param message Reason message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Reason.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Reason message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Reason & backstay.content.Reason.$Shape} Reason
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Reason & backstay.content.Reason.$Shape;
        }

        namespace Reason {

            /** Properties of a Reason. */
            interface $Properties {

                /** Reason reason */
                reason?: (string|null);

                /** Reason entries */
                entries?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Reason. */
            type $Shape = backstay.content.Reason.$Properties;
        }

        /**
         * Properties of an EscrowSecret.
         * @deprecated Use backstay.content.EscrowSecret.$Properties instead.
         */
        interface IEscrowSecret extends backstay.content.EscrowSecret.$Properties {
        }

        /** Represents an EscrowSecret. */
        class EscrowSecret {

            /**
             * Constructs a new EscrowSecret.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.EscrowSecret.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EscrowSecret deviceSecret. */
            deviceSecret: Uint8Array;

            /** EscrowSecret borderSecret. */
            borderSecret: Uint8Array;

            /** EscrowSecret deviceId. */
            deviceId: Uint8Array;

            /** EscrowSecret epoch. */
            epoch: number;

            /**
             * Creates a new EscrowSecret instance using the specified properties.
             * @param [properties] Properties to set
             * @returns EscrowSecret instance
             */
            static create(properties: backstay.content.EscrowSecret.$Shape): backstay.content.EscrowSecret & backstay.content.EscrowSecret.$Shape;
            static create(properties?: backstay.content.EscrowSecret.$Properties): backstay.content.EscrowSecret;

            /**
             * Encodes the specified EscrowSecret message. Does not implicitly {@link backstay.content.EscrowSecret.verify|verify} messages.
             * @param message EscrowSecret message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.EscrowSecret.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EscrowSecret message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.EscrowSecret & backstay.content.EscrowSecret.$Shape} EscrowSecret
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.EscrowSecret & backstay.content.EscrowSecret.$Shape;
        }

        namespace EscrowSecret {

            /** Properties of an EscrowSecret. */
            interface $Properties {

                /** EscrowSecret deviceSecret */
                deviceSecret?: (Uint8Array|null);

                /** EscrowSecret borderSecret */
                borderSecret?: (Uint8Array|null);

                /** EscrowSecret deviceId */
                deviceId?: (Uint8Array|null);

                /** EscrowSecret epoch */
                epoch?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EscrowSecret. */
            type $Shape = backstay.content.EscrowSecret.$Properties;
        }

        /**
         * Properties of a Names.
         * @deprecated Use backstay.content.Names.$Properties instead.
         */
        interface INames extends backstay.content.Names.$Properties {
        }

        /** Represents a Names. */
        class Names {

            /**
             * Constructs a new Names.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.Names.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Names runs. */
            runs: backstay.content.NameRun.$Properties[];

            /** Names keys. */
            keys: Uint8Array;

            /** Names packed. */
            packed: Uint8Array;

            /**
             * Creates a new Names instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Names instance
             */
            static create(properties: backstay.content.Names.$Shape): backstay.content.Names & backstay.content.Names.$Shape;
            static create(properties?: backstay.content.Names.$Properties): backstay.content.Names;

            /**
             * Encodes the specified Names message. Does not implicitly {@link backstay.content.Names.verify|verify} messages.
             * @param message Names message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.Names.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Names message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.Names & backstay.content.Names.$Shape} Names
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.Names & backstay.content.Names.$Shape;
        }

        namespace Names {

            /** Properties of a Names. */
            interface $Properties {

                /** Names runs */
                runs?: (backstay.content.NameRun.$Properties[]|null);

                /** Names keys */
                keys?: (Uint8Array|null);

                /** Names packed */
                packed?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Names. */
            type $Shape = backstay.content.Names.$Properties;
        }

        /**
         * Properties of a NameRun.
         * @deprecated Use backstay.content.NameRun.$Properties instead.
         */
        interface INameRun extends backstay.content.NameRun.$Properties {
        }

        /** Represents a NameRun. */
        class NameRun {

            /**
             * Constructs a new NameRun.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.content.NameRun.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NameRun child. */
            child: number;

            /** NameRun firstSequence. */
            firstSequence: number;

            /** NameRun lastSequence. */
            lastSequence: number;

            /** NameRun names. */
            names: number;

            /** NameRun all. */
            all: boolean;

            /** NameRun endedAtMs. */
            endedAtMs: number;

            /**
             * Creates a new NameRun instance using the specified properties.
             * @param [properties] Properties to set
             * @returns NameRun instance
             */
            static create(properties: backstay.content.NameRun.$Shape): backstay.content.NameRun & backstay.content.NameRun.$Shape;
            static create(properties?: backstay.content.NameRun.$Properties): backstay.content.NameRun;

            /**
             * Encodes the specified NameRun message. Does not implicitly {@link backstay.content.NameRun.verify|verify} messages.
             * @param message NameRun message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.content.NameRun.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NameRun message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.content.NameRun & backstay.content.NameRun.$Shape} NameRun
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.content.NameRun & backstay.content.NameRun.$Shape;
        }

        namespace NameRun {

            /** Properties of a NameRun. */
            interface $Properties {

                /** NameRun child */
                child?: (number|null);

                /** NameRun firstSequence */
                firstSequence?: (number|null);

                /** NameRun lastSequence */
                lastSequence?: (number|null);

                /** NameRun names */
                names?: (number|null);

                /** NameRun all */
                all?: (boolean|null);

                /** NameRun endedAtMs */
                endedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NameRun. */
            type $Shape = backstay.content.NameRun.$Properties;
        }
    }
}
