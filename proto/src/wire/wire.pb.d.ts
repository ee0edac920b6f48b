import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace backstay. */
export namespace backstay {

    /** Namespace wire. */
    namespace wire {

        /**
         * Properties of a Frame.
         * @deprecated Use backstay.wire.Frame.$Properties instead.
         */
        interface IFrame extends backstay.wire.Frame.$Properties {
        }

        /** Represents a Frame. */
        class Frame {

            /**
             * Constructs a new Frame.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Frame.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Frame request. */
            request: number;

            /** Frame hello. */
            hello?: (backstay.wire.Hello.$Properties|null);

            /** Frame challenge. */
            challenge?: (backstay.wire.Challenge.$Properties|null);

            /** Frame proof. */
            proof?: (backstay.wire.Proof.$Properties|null);

            /** Frame welcome. */
            welcome?: (backstay.wire.Welcome.$Properties|null);

            /** Frame enroll. */
            enroll?: (backstay.wire.Enroll.$Properties|null);

            /** Frame found. */
            found?: (backstay.wire.Found.$Properties|null);

            /** Frame have. */
            have?: (backstay.wire.Have.$Properties|null);

            /** Frame missing. */
            missing?: (backstay.wire.Missing.$Properties|null);

            /** Frame put. */
            put?: (backstay.wire.Put.$Properties|null);

            /** Frame stored. */
            stored?: (backstay.wire.Stored.$Properties|null);

            /** Frame get. */
            get?: (backstay.wire.Get.$Properties|null);

            /** Frame object. */
            object?: (backstay.wire.Object.$Properties|null);

            /** Frame done. */
            done?: (backstay.wire.Done.$Properties|null);

            /** Frame publish. */
            publish?: (backstay.wire.Publish.$Properties|null);

            /** Frame published. */
            published?: (backstay.wire.Published.$Properties|null);

            /** Frame putRecord. */
            putRecord?: (backstay.wire.PutRecord.$Properties|null);

            /** Frame listRecords. */
            listRecords?: (backstay.wire.ListRecords.$Properties|null);

            /** Frame record. */
            record?: (backstay.wire.Record.$Properties|null);

            /** Frame listDevices. */
            listDevices?: (backstay.wire.ListDevices.$Properties|null);

            /** Frame device. */
            device?: (backstay.wire.Device.$Properties|null);

            /** Frame listSnapshots. */
            listSnapshots?: (backstay.wire.ListSnapshots.$Properties|null);

            /** Frame snapshot. */
            snapshot?: (backstay.wire.Snapshot.$Properties|null);

            /** Frame refused. */
            refused?: (backstay.wire.Refused.$Properties|null);

            /** Frame heartbeat. */
            heartbeat?: (backstay.wire.Heartbeat.$Properties|null);

            /** Frame heard. */
            heard?: (backstay.wire.Heard.$Properties|null);

            /** Frame orders. */
            orders?: (backstay.wire.Orders.$Properties|null);

            /** Frame obeyed. */
            obeyed?: (backstay.wire.Obeyed.$Properties|null);

            /** Frame jobs. */
            jobs?: (backstay.wire.Jobs.$Properties|null);

            /** Frame jobProgress. */
            jobProgress?: (backstay.wire.JobProgress.$Properties|null);

            /** Frame askProgress. */
            askProgress?: (backstay.wire.AskProgress.$Properties|null);

            /** Frame askLog. */
            askLog?: (backstay.wire.AskLog.$Properties|null);

            /** Frame logProof. */
            logProof?: (backstay.wire.LogProof.$Properties|null);

            /** Frame body. */
            body?: ("hello"|"challenge"|"proof"|"welcome"|"enroll"|"found"|"have"|"missing"|"put"|"stored"|"get"|"object"|"done"|"publish"|"published"|"putRecord"|"listRecords"|"record"|"listDevices"|"device"|"listSnapshots"|"snapshot"|"refused"|"heartbeat"|"heard"|"orders"|"obeyed"|"jobs"|"jobProgress"|"askProgress"|"askLog"|"logProof");

            /**
             * Creates a new Frame instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Frame instance
             */
            static create(properties: backstay.wire.Frame.$Shape): backstay.wire.Frame & backstay.wire.Frame.$Shape;
            static create(properties?: backstay.wire.Frame.$Properties): backstay.wire.Frame;

            /**
             * Encodes the specified Frame message. Does not implicitly {@link backstay.wire.Frame.verify|verify} messages.
             * @param message Frame message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Frame message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Frame & backstay.wire.Frame.$Shape} Frame
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Frame & backstay.wire.Frame.$Shape;
        }

        namespace Frame {

            /** Properties of a Frame. */
            interface $Properties {

                /** Frame request */
                request?: (number|null);

                /** Frame hello */
                hello?: (backstay.wire.Hello.$Properties|null);

                /** Frame challenge */
                challenge?: (backstay.wire.Challenge.$Properties|null);

                /** Frame proof */
                proof?: (backstay.wire.Proof.$Properties|null);

                /** Frame welcome */
                welcome?: (backstay.wire.Welcome.$Properties|null);

                /** Frame enroll */
                enroll?: (backstay.wire.Enroll.$Properties|null);

                /** Frame found */
                found?: (backstay.wire.Found.$Properties|null);

                /** Frame have */
                have?: (backstay.wire.Have.$Properties|null);

                /** Frame missing */
                missing?: (backstay.wire.Missing.$Properties|null);

                /** Frame put */
                put?: (backstay.wire.Put.$Properties|null);

                /** Frame stored */
                stored?: (backstay.wire.Stored.$Properties|null);

                /** Frame get */
                get?: (backstay.wire.Get.$Properties|null);

                /** Frame object */
                object?: (backstay.wire.Object.$Properties|null);

                /** Frame done */
                done?: (backstay.wire.Done.$Properties|null);

                /** Frame publish */
                publish?: (backstay.wire.Publish.$Properties|null);

                /** Frame published */
                published?: (backstay.wire.Published.$Properties|null);

                /** Frame putRecord */
                putRecord?: (backstay.wire.PutRecord.$Properties|null);

                /** Frame listRecords */
                listRecords?: (backstay.wire.ListRecords.$Properties|null);

                /** Frame record */
                record?: (backstay.wire.Record.$Properties|null);

                /** Frame listDevices */
                listDevices?: (backstay.wire.ListDevices.$Properties|null);

                /** Frame device */
                device?: (backstay.wire.Device.$Properties|null);

                /** Frame listSnapshots */
                listSnapshots?: (backstay.wire.ListSnapshots.$Properties|null);

                /** Frame snapshot */
                snapshot?: (backstay.wire.Snapshot.$Properties|null);

                /** Frame refused */
                refused?: (backstay.wire.Refused.$Properties|null);

                /** Frame heartbeat */
                heartbeat?: (backstay.wire.Heartbeat.$Properties|null);

                /** Frame heard */
                heard?: (backstay.wire.Heard.$Properties|null);

                /** Frame orders */
                orders?: (backstay.wire.Orders.$Properties|null);

                /** Frame obeyed */
                obeyed?: (backstay.wire.Obeyed.$Properties|null);

                /** Frame jobs */
                jobs?: (backstay.wire.Jobs.$Properties|null);

                /** Frame jobProgress */
                jobProgress?: (backstay.wire.JobProgress.$Properties|null);

                /** Frame askProgress */
                askProgress?: (backstay.wire.AskProgress.$Properties|null);

                /** Frame askLog */
                askLog?: (backstay.wire.AskLog.$Properties|null);

                /** Frame logProof */
                logProof?: (backstay.wire.LogProof.$Properties|null);

                /** Frame body */
                body?: ("hello"|"challenge"|"proof"|"welcome"|"enroll"|"found"|"have"|"missing"|"put"|"stored"|"get"|"object"|"done"|"publish"|"published"|"putRecord"|"listRecords"|"record"|"listDevices"|"device"|"listSnapshots"|"snapshot"|"refused"|"heartbeat"|"heard"|"orders"|"obeyed"|"jobs"|"jobProgress"|"askProgress"|"askLog"|"logProof");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Frame. */
            type $Shape = {
              request?: number|null;
              hello?: backstay.wire.Hello.$Shape|null;
              challenge?: backstay.wire.Challenge.$Shape|null;
              proof?: backstay.wire.Proof.$Shape|null;
              welcome?: backstay.wire.Welcome.$Shape|null;
              enroll?: backstay.wire.Enroll.$Shape|null;
              found?: backstay.wire.Found.$Shape|null;
              have?: backstay.wire.Have.$Shape|null;
              missing?: backstay.wire.Missing.$Shape|null;
              put?: backstay.wire.Put.$Shape|null;
              stored?: backstay.wire.Stored.$Shape|null;
              get?: backstay.wire.Get.$Shape|null;
              object?: backstay.wire.Object.$Shape|null;
              done?: backstay.wire.Done.$Shape|null;
              publish?: backstay.wire.Publish.$Shape|null;
              published?: backstay.wire.Published.$Shape|null;
              putRecord?: backstay.wire.PutRecord.$Shape|null;
              listRecords?: backstay.wire.ListRecords.$Shape|null;
              record?: backstay.wire.Record.$Shape|null;
              listDevices?: backstay.wire.ListDevices.$Shape|null;
              device?: backstay.wire.Device.$Shape|null;
              listSnapshots?: backstay.wire.ListSnapshots.$Shape|null;
              snapshot?: backstay.wire.Snapshot.$Shape|null;
              refused?: backstay.wire.Refused.$Shape|null;
              heartbeat?: backstay.wire.Heartbeat.$Shape|null;
              heard?: backstay.wire.Heard.$Shape|null;
              orders?: backstay.wire.Orders.$Shape|null;
              obeyed?: backstay.wire.Obeyed.$Shape|null;
              jobs?: backstay.wire.Jobs.$Shape|null;
              jobProgress?: backstay.wire.JobProgress.$Shape|null;
              askProgress?: backstay.wire.AskProgress.$Shape|null;
              askLog?: backstay.wire.AskLog.$Shape|null;
              logProof?: backstay.wire.LogProof.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ body?: undefined; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "hello"; hello: backstay.wire.Hello.$Shape; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "challenge"; hello?: null; challenge: backstay.wire.Challenge.$Shape; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "proof"; hello?: null; challenge?: null; proof: backstay.wire.Proof.$Shape; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "welcome"; hello?: null; challenge?: null; proof?: null; welcome: backstay.wire.Welcome.$Shape; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "enroll"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll: backstay.wire.Enroll.$Shape; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "found"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found: backstay.wire.Found.$Shape; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "have"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have: backstay.wire.Have.$Shape; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "missing"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing: backstay.wire.Missing.$Shape; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "put"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put: backstay.wire.Put.$Shape; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "stored"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored: backstay.wire.Stored.$Shape; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "get"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get: backstay.wire.Get.$Shape; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "object"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object: backstay.wire.Object.$Shape; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "done"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done: backstay.wire.Done.$Shape; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "publish"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish: backstay.wire.Publish.$Shape; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "published"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published: backstay.wire.Published.$Shape; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "putRecord"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord: backstay.wire.PutRecord.$Shape; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "listRecords"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords: backstay.wire.ListRecords.$Shape; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "record"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record: backstay.wire.Record.$Shape; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "listDevices"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices: backstay.wire.ListDevices.$Shape; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "device"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device: backstay.wire.Device.$Shape; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "listSnapshots"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots: backstay.wire.ListSnapshots.$Shape; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "snapshot"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot: backstay.wire.Snapshot.$Shape; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "refused"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused: backstay.wire.Refused.$Shape; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "heartbeat"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat: backstay.wire.Heartbeat.$Shape; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "heard"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard: backstay.wire.Heard.$Shape; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "orders"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders: backstay.wire.Orders.$Shape; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "obeyed"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed: backstay.wire.Obeyed.$Shape; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "jobs"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs: backstay.wire.Jobs.$Shape; jobProgress?: null; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "jobProgress"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress: backstay.wire.JobProgress.$Shape; askProgress?: null; askLog?: null; logProof?: null }|{ body?: "askProgress"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress: backstay.wire.AskProgress.$Shape; askLog?: null; logProof?: null }|{ body?: "askLog"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog: backstay.wire.AskLog.$Shape; logProof?: null }|{ body?: "logProof"; hello?: null; challenge?: null; proof?: null; welcome?: null; enroll?: null; found?: null; have?: null; missing?: null; put?: null; stored?: null; get?: null; object?: null; done?: null; publish?: null; published?: null; putRecord?: null; listRecords?: null; record?: null; listDevices?: null; device?: null; listSnapshots?: null; snapshot?: null; refused?: null; heartbeat?: null; heard?: null; orders?: null; obeyed?: null; jobs?: null; jobProgress?: null; askProgress?: null; askLog?: null; logProof: backstay.wire.LogProof.$Shape })
            );
        }

        /** Speaker enum. */
        enum Speaker {

            /** SPEAKER_UNSPECIFIED value */
            SPEAKER_UNSPECIFIED = 0,

            /** DEVICE value */
            DEVICE = 1,

            /** ADMIN value */
            ADMIN = 2,

            /** NEWCOMER value */
            NEWCOMER = 3,

            /** FOUNDER value */
            FOUNDER = 4
        }

        /**
         * Properties of a Hello.
         * @deprecated Use backstay.wire.Hello.$Properties instead.
         */
        interface IHello extends backstay.wire.Hello.$Properties {
        }

        /** Represents a Hello. */
        class Hello {

            /**
             * Constructs a new Hello.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Hello.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Hello version. */
            version: number;

            /** Hello speaker. */
            speaker: backstay.wire.Speaker;

            /** Hello fleet. */
            fleet: Uint8Array;

            /** Hello keyId. */
            keyId: Uint8Array;

            /** Hello nonce. */
            nonce: Uint8Array;

            /** Hello headSequence. */
            headSequence: number;

            /** Hello head. */
            head: Uint8Array;

            /** Hello trustVersion. */
            trustVersion: number;

            /** Hello software. */
            software: string;

            /** Hello ratchet. */
            ratchet: Uint8Array;

            /** Hello checkpoint. */
            checkpoint: Uint8Array;

            /** Hello witness. */
            witness: boolean;

            /**
             * Creates a new Hello instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Hello instance
             */
            static create(properties: backstay.wire.Hello.$Shape): backstay.wire.Hello & backstay.wire.Hello.$Shape;
            static create(properties?: backstay.wire.Hello.$Properties): backstay.wire.Hello;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link backstay.wire.Hello.verify|verify} messages.
             * @param message Hello message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Hello & backstay.wire.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Hello & backstay.wire.Hello.$Shape;
        }

        namespace Hello {

            /** Properties of a Hello. */
            interface $Properties {

                /** Hello version */
                version?: (number|null);

                /** Hello speaker */
                speaker?: (backstay.wire.Speaker|null);

                /** Hello fleet */
                fleet?: (Uint8Array|null);

                /** Hello keyId */
                keyId?: (Uint8Array|null);

                /** Hello nonce */
                nonce?: (Uint8Array|null);

                /** Hello headSequence */
                headSequence?: (number|null);

                /** Hello head */
                head?: (Uint8Array|null);

                /** Hello trustVersion */
                trustVersion?: (number|null);

                /** Hello software */
                software?: (string|null);

                /** Hello ratchet */
                ratchet?: (Uint8Array|null);

                /** Hello checkpoint */
                checkpoint?: (Uint8Array|null);

                /** Hello witness */
                witness?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Hello. */
            type $Shape = backstay.wire.Hello.$Properties;
        }

        /**
         * Properties of a Challenge.
         * @deprecated Use backstay.wire.Challenge.$Properties instead.
         */
        interface IChallenge extends backstay.wire.Challenge.$Properties {
        }

        /** Represents a Challenge. */
        class Challenge {

            /**
             * Constructs a new Challenge.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Challenge.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Challenge version. */
            version: number;

            /** Challenge nonce. */
            nonce: Uint8Array;

            /** Challenge keyId. */
            keyId: Uint8Array;

            /** Challenge signature. */
            signature: Uint8Array;

            /**
             * Creates a new Challenge instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Challenge instance
             */
            static create(properties: backstay.wire.Challenge.$Shape): backstay.wire.Challenge & backstay.wire.Challenge.$Shape;
            static create(properties?: backstay.wire.Challenge.$Properties): backstay.wire.Challenge;

            /**
             * Encodes the specified Challenge message. Does not implicitly {@link backstay.wire.Challenge.verify|verify} messages.
             * @param message Challenge message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Challenge.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Challenge message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Challenge & backstay.wire.Challenge.$Shape} Challenge
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Challenge & backstay.wire.Challenge.$Shape;
        }

        namespace Challenge {

            /** Properties of a Challenge. */
            interface $Properties {

                /** Challenge version */
                version?: (number|null);

                /** Challenge nonce */
                nonce?: (Uint8Array|null);

                /** Challenge keyId */
                keyId?: (Uint8Array|null);

                /** Challenge signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Challenge. */
            type $Shape = backstay.wire.Challenge.$Properties;
        }

        /**
         * Properties of a Proof.
         * @deprecated Use backstay.wire.Proof.$Properties instead.
         */
        interface IProof extends backstay.wire.Proof.$Properties {
        }

        /** Represents a Proof. */
        class Proof {

            /**
             * Constructs a new Proof.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Proof.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Proof signature. */
            signature: Uint8Array;

            /**
             * Creates a new Proof instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Proof instance
             */
            static create(properties: backstay.wire.Proof.$Shape): backstay.wire.Proof & backstay.wire.Proof.$Shape;
            static create(properties?: backstay.wire.Proof.$Properties): backstay.wire.Proof;

            /**
             * Encodes the specified Proof message. Does not implicitly {@link backstay.wire.Proof.verify|verify} messages.
             * @param message Proof message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Proof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Proof message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Proof & backstay.wire.Proof.$Shape} Proof
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Proof & backstay.wire.Proof.$Shape;
        }

        namespace Proof {

            /** Properties of a Proof. */
            interface $Properties {

                /** Proof signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Proof. */
            type $Shape = backstay.wire.Proof.$Properties;
        }

        /**
         * Properties of a Welcome.
         * @deprecated Use backstay.wire.Welcome.$Properties instead.
         */
        interface IWelcome extends backstay.wire.Welcome.$Properties {
        }

        /** Represents a Welcome. */
        class Welcome {

            /**
             * Constructs a new Welcome.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Welcome.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Welcome trust. */
            trust: Uint8Array[];

            /** Welcome headSequence. */
            headSequence: number;

            /** Welcome head. */
            head: Uint8Array;

            /** Welcome windowBytes. */
            windowBytes: number;

            /** Welcome windowFrames. */
            windowFrames: number;

            /** Welcome nowMs. */
            nowMs: number;

            /** Welcome orders. */
            orders: Uint8Array[];

            /** Welcome nextRatchet. */
            nextRatchet?: (backstay.wire.NextRatchet.$Properties|null);

            /** Welcome checkpoint. */
            checkpoint: Uint8Array;

            /** Welcome logProof. */
            logProof: Uint8Array;

            /**
             * Creates a new Welcome instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Welcome instance
             */
            static create(properties: backstay.wire.Welcome.$Shape): backstay.wire.Welcome & backstay.wire.Welcome.$Shape;
            static create(properties?: backstay.wire.Welcome.$Properties): backstay.wire.Welcome;

            /**
             * Encodes the specified Welcome message. Does not implicitly {@link backstay.wire.Welcome.verify|verify} messages.
             * @param message Welcome message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Welcome message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Welcome & backstay.wire.Welcome.$Shape} Welcome
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Welcome & backstay.wire.Welcome.$Shape;
        }

        namespace Welcome {

            /** Properties of a Welcome. */
            interface $Properties {

                /** Welcome trust */
                trust?: (Uint8Array[]|null);

                /** Welcome headSequence */
                headSequence?: (number|null);

                /** Welcome head */
                head?: (Uint8Array|null);

                /** Welcome windowBytes */
                windowBytes?: (number|null);

                /** Welcome windowFrames */
                windowFrames?: (number|null);

                /** Welcome nowMs */
                nowMs?: (number|null);

                /** Welcome orders */
                orders?: (Uint8Array[]|null);

                /** Welcome nextRatchet */
                nextRatchet?: (backstay.wire.NextRatchet.$Properties|null);

                /** Welcome checkpoint */
                checkpoint?: (Uint8Array|null);

                /** Welcome logProof */
                logProof?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Welcome. */
            type $Shape = backstay.wire.Welcome.$Properties;
        }

        /**
         * Properties of a NextRatchet.
         * @deprecated Use backstay.wire.NextRatchet.$Properties instead.
         */
        interface INextRatchet extends backstay.wire.NextRatchet.$Properties {
        }

        /** Represents a NextRatchet. */
        class NextRatchet {

            /**
             * Constructs a new NextRatchet.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.NextRatchet.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NextRatchet value. */
            value: Uint8Array;

            /** NextRatchet clonedSinceMs. */
            clonedSinceMs: number;

            /**
             * Creates a new NextRatchet instance using the specified properties.
             * @param [properties] Properties to set
             * @returns NextRatchet instance
             */
            static create(properties: backstay.wire.NextRatchet.$Shape): backstay.wire.NextRatchet & backstay.wire.NextRatchet.$Shape;
            static create(properties?: backstay.wire.NextRatchet.$Properties): backstay.wire.NextRatchet;

            /**
             * Encodes the specified NextRatchet message. Does not implicitly {@link backstay.wire.NextRatchet.verify|verify} messages.
             * @param message NextRatchet message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.NextRatchet.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NextRatchet message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.NextRatchet & backstay.wire.NextRatchet.$Shape} NextRatchet
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.NextRatchet & backstay.wire.NextRatchet.$Shape;
        }

        namespace NextRatchet {

            /** Properties of a NextRatchet. */
            interface $Properties {

                /** NextRatchet value */
                value?: (Uint8Array|null);

                /** NextRatchet clonedSinceMs */
                clonedSinceMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NextRatchet. */
            type $Shape = backstay.wire.NextRatchet.$Properties;
        }

        /**
         * Properties of an Enroll.
         * @deprecated Use backstay.wire.Enroll.$Properties instead.
         */
        interface IEnroll extends backstay.wire.Enroll.$Properties {
        }

        /** Represents an Enroll. */
        class Enroll {

            /**
             * Constructs a new Enroll.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Enroll.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Enroll grant. */
            grant: Uint8Array;

            /** Enroll certificate. */
            certificate: Uint8Array;

            /**
             * Creates a new Enroll instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Enroll instance
             */
            static create(properties: backstay.wire.Enroll.$Shape): backstay.wire.Enroll & backstay.wire.Enroll.$Shape;
            static create(properties?: backstay.wire.Enroll.$Properties): backstay.wire.Enroll;

            /**
             * Encodes the specified Enroll message. Does not implicitly {@link backstay.wire.Enroll.verify|verify} messages.
             * @param message Enroll message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Enroll.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Enroll message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Enroll & backstay.wire.Enroll.$Shape} Enroll
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Enroll & backstay.wire.Enroll.$Shape;
        }

        namespace Enroll {

            /** Properties of an Enroll. */
            interface $Properties {

                /** Enroll grant */
                grant?: (Uint8Array|null);

                /** Enroll certificate */
                certificate?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Enroll. */
            type $Shape = backstay.wire.Enroll.$Properties;
        }

        /**
         * Properties of a Found.
         * @deprecated Use backstay.wire.Found.$Properties instead.
         */
        interface IFound extends backstay.wire.Found.$Properties {
        }

        /** Represents a Found. */
        class Found {

            /**
             * Constructs a new Found.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Found.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Found setupCode. */
            setupCode: Uint8Array;

            /** Found records. */
            records: Uint8Array[];

            /**
             * Creates a new Found instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Found instance
             */
            static create(properties: backstay.wire.Found.$Shape): backstay.wire.Found & backstay.wire.Found.$Shape;
            static create(properties?: backstay.wire.Found.$Properties): backstay.wire.Found;

            /**
             * Encodes the specified Found message. Does not implicitly {@link backstay.wire.Found.verify|verify} messages.
             * @param message Found message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Found.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Found message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Found & backstay.wire.Found.$Shape} Found
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Found & backstay.wire.Found.$Shape;
        }

        namespace Found {

            /** Properties of a Found. */
            interface $Properties {

                /** Found setupCode */
                setupCode?: (Uint8Array|null);

                /** Found records */
                records?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Found. */
            type $Shape = backstay.wire.Found.$Properties;
        }

        /**
         * Properties of a Have.
         * @deprecated Use backstay.wire.Have.$Properties instead.
         */
        interface IHave extends backstay.wire.Have.$Properties {
        }

        /** Represents a Have. */
        class Have {

            /**
             * Constructs a new Have.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Have.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Have ids. */
            ids: Uint8Array;

            /**
             * Creates a new Have instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Have instance
             */
            static create(properties: backstay.wire.Have.$Shape): backstay.wire.Have & backstay.wire.Have.$Shape;
            static create(properties?: backstay.wire.Have.$Properties): backstay.wire.Have;

            /**
             * Encodes the specified Have message. Does not implicitly {@link backstay.wire.Have.verify|verify} messages.
             * @param message Have message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Have.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Have message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Have & backstay.wire.Have.$Shape} Have
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Have & backstay.wire.Have.$Shape;
        }

        namespace Have {

            /** Properties of a Have. */
            interface $Properties {

                /** Have ids */
                ids?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Have. */
            type $Shape = backstay.wire.Have.$Properties;
        }

        /**
         * Properties of a Missing.
         * @deprecated Use backstay.wire.Missing.$Properties instead.
         */
        interface IMissing extends backstay.wire.Missing.$Properties {
        }

        /** Represents a Missing. */
        class Missing {

            /**
             * Constructs a new Missing.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Missing.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Missing missing. */
            missing: Uint8Array;

            /**
             * Creates a new Missing instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Missing instance
             */
            static create(properties: backstay.wire.Missing.$Shape): backstay.wire.Missing & backstay.wire.Missing.$Shape;
            static create(properties?: backstay.wire.Missing.$Properties): backstay.wire.Missing;

            /**
             * Encodes the specified Missing message. Does not implicitly {@link backstay.wire.Missing.verify|verify} messages.
             * @param message Missing message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Missing.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Missing message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Missing & backstay.wire.Missing.$Shape} Missing
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Missing & backstay.wire.Missing.$Shape;
        }

        namespace Missing {

            /** Properties of a Missing. */
            interface $Properties {

                /** Missing missing */
                missing?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Missing. */
            type $Shape = backstay.wire.Missing.$Properties;
        }

        /**
         * Properties of a Put.
         * @deprecated Use backstay.wire.Put.$Properties instead.
         */
        interface IPut extends backstay.wire.Put.$Properties {
        }

        /** Represents a Put. */
        class Put {

            /**
             * Constructs a new Put.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Put.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Put object. */
            object: Uint8Array;

            /**
             * Creates a new Put instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Put instance
             */
            static create(properties: backstay.wire.Put.$Shape): backstay.wire.Put & backstay.wire.Put.$Shape;
            static create(properties?: backstay.wire.Put.$Properties): backstay.wire.Put;

            /**
             * Encodes the specified Put message. Does not implicitly {@link backstay.wire.Put.verify|verify} messages.
             * @param message Put message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Put.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Put message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Put & backstay.wire.Put.$Shape} Put
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Put & backstay.wire.Put.$Shape;
        }

        namespace Put {

            /** Properties of a Put. */
            interface $Properties {

                /** Put object */
                object?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Put. */
            type $Shape = backstay.wire.Put.$Properties;
        }

        /**
         * Properties of a Stored.
         * @deprecated Use backstay.wire.Stored.$Properties instead.
         */
        interface IStored extends backstay.wire.Stored.$Properties {
        }

        /** Represents a Stored. */
        class Stored {

            /**
             * Constructs a new Stored.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Stored.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Stored requests. */
            requests: number[];

            /**
             * Creates a new Stored instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Stored instance
             */
            static create(properties: backstay.wire.Stored.$Shape): backstay.wire.Stored & backstay.wire.Stored.$Shape;
            static create(properties?: backstay.wire.Stored.$Properties): backstay.wire.Stored;

            /**
             * Encodes the specified Stored message. Does not implicitly {@link backstay.wire.Stored.verify|verify} messages.
             * @param message Stored message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Stored.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Stored message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Stored & backstay.wire.Stored.$Shape} Stored
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Stored & backstay.wire.Stored.$Shape;
        }

        namespace Stored {

            /** Properties of a Stored. */
            interface $Properties {

                /** Stored requests */
                requests?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Stored. */
            type $Shape = backstay.wire.Stored.$Properties;
        }

        /**
         * Properties of a Get.
         * @deprecated Use backstay.wire.Get.$Properties instead.
         */
        interface IGet extends backstay.wire.Get.$Properties {
        }

        /** Represents a Get. */
        class Get {

            /**
             * Constructs a new Get.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Get.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Get ids. */
            ids: Uint8Array;

            /** Get device. */
            device: Uint8Array;

            /**
             * Creates a new Get instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Get instance
             */
            static create(properties: backstay.wire.Get.$Shape): backstay.wire.Get & backstay.wire.Get.$Shape;
            static create(properties?: backstay.wire.Get.$Properties): backstay.wire.Get;

            /**
             * Encodes the specified Get message. Does not implicitly {@link backstay.wire.Get.verify|verify} messages.
             * @param message Get message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Get.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Get message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Get & backstay.wire.Get.$Shape} Get
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Get & backstay.wire.Get.$Shape;
        }

        namespace Get {

            /** Properties of a Get. */
            interface $Properties {

                /** Get ids */
                ids?: (Uint8Array|null);

                /** Get device */
                device?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Get. */
            type $Shape = backstay.wire.Get.$Properties;
        }

        /**
         * Properties of an Object.
         * @deprecated Use backstay.wire.Object.$Properties instead.
         */
        interface IObject extends backstay.wire.Object.$Properties {
        }

        /** Represents an Object. */
        class Object {

            /**
             * Constructs a new Object.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Object.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Object object. */
            object: Uint8Array;

            /** Object index. */
            index: number;

            /**
             * Creates a new Object instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Object instance
             */
            static create(properties: backstay.wire.Object.$Shape): backstay.wire.Object & backstay.wire.Object.$Shape;
            static create(properties?: backstay.wire.Object.$Properties): backstay.wire.Object;

            /**
             * Encodes the specified Object message. Does not implicitly {@link backstay.wire.Object.verify|verify} messages.
             * @param message Object message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Object.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Object message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Object & backstay.wire.Object.$Shape} Object
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Object & backstay.wire.Object.$Shape;
        }

        namespace Object {

            /** Properties of an Object. */
            interface $Properties {

                /** Object object */
                object?: (Uint8Array|null);

                /** Object index */
                index?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Object. */
            type $Shape = backstay.wire.Object.$Properties;
        }

        /**
         * Properties of a Done.
         * @deprecated Use backstay.wire.Done.$Properties instead.
         */
        interface IDone extends backstay.wire.Done.$Properties {
        }

        /** Represents a Done. */
        class Done {

            /**
             * Constructs a new Done.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Done.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Done count. */
            count: number;

            /**
             * Creates a new Done instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Done instance
             */
            static create(properties: backstay.wire.Done.$Shape): backstay.wire.Done & backstay.wire.Done.$Shape;
            static create(properties?: backstay.wire.Done.$Properties): backstay.wire.Done;

            /**
             * Encodes the specified Done message. Does not implicitly {@link backstay.wire.Done.verify|verify} messages.
             * @param message Done message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Done.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Done message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Done & backstay.wire.Done.$Shape} Done
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Done & backstay.wire.Done.$Shape;
        }

        namespace Done {

            /** Properties of a Done. */
            interface $Properties {

                /** Done count */
                count?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Done. */
            type $Shape = backstay.wire.Done.$Properties;
        }

        /**
         * Properties of a Publish.
         * @deprecated Use backstay.wire.Publish.$Properties instead.
         */
        interface IPublish extends backstay.wire.Publish.$Properties {
        }

        /** Represents a Publish. */
        class Publish {

            /**
             * Constructs a new Publish.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Publish.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Publish object. */
            object: Uint8Array;

            /**
             * Creates a new Publish instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Publish instance
             */
            static create(properties: backstay.wire.Publish.$Shape): backstay.wire.Publish & backstay.wire.Publish.$Shape;
            static create(properties?: backstay.wire.Publish.$Properties): backstay.wire.Publish;

            /**
             * Encodes the specified Publish message. Does not implicitly {@link backstay.wire.Publish.verify|verify} messages.
             * @param message Publish message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Publish.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Publish message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Publish & backstay.wire.Publish.$Shape} Publish
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Publish & backstay.wire.Publish.$Shape;
        }

        namespace Publish {

            /** Properties of a Publish. */
            interface $Properties {

                /** Publish object */
                object?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Publish. */
            type $Shape = backstay.wire.Publish.$Properties;
        }

        /**
         * Properties of a Published.
         * @deprecated Use backstay.wire.Published.$Properties instead.
         */
        interface IPublished extends backstay.wire.Published.$Properties {
        }

        /** Represents a Published. */
        class Published {

            /**
             * Constructs a new Published.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Published.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Published receivedAtMs. */
            receivedAtMs: number;

            /** Published id. */
            id: Uint8Array;

            /**
             * Creates a new Published instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Published instance
             */
            static create(properties: backstay.wire.Published.$Shape): backstay.wire.Published & backstay.wire.Published.$Shape;
            static create(properties?: backstay.wire.Published.$Properties): backstay.wire.Published;

            /**
             * Encodes the specified Published message. Does not implicitly {@link backstay.wire.Published.verify|verify} messages.
             * @param message Published message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Published.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Published message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Published & backstay.wire.Published.$Shape} Published
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Published & backstay.wire.Published.$Shape;
        }

        namespace Published {

            /** Properties of a Published. */
            interface $Properties {

                /** Published receivedAtMs */
                receivedAtMs?: (number|null);

                /** Published id */
                id?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Published. */
            type $Shape = backstay.wire.Published.$Properties;
        }

        /**
         * Properties of a PutRecord.
         * @deprecated Use backstay.wire.PutRecord.$Properties instead.
         */
        interface IPutRecord extends backstay.wire.PutRecord.$Properties {
        }

        /** Represents a PutRecord. */
        class PutRecord {

            /**
             * Constructs a new PutRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.PutRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PutRecord envelope. */
            envelope: Uint8Array;

            /**
             * Creates a new PutRecord instance using the specified properties.
             * @param [properties] Properties to set
             * @returns PutRecord instance
             */
            static create(properties: backstay.wire.PutRecord.$Shape): backstay.wire.PutRecord & backstay.wire.PutRecord.$Shape;
            static create(properties?: backstay.wire.PutRecord.$Properties): backstay.wire.PutRecord;

            /**
             * Encodes the specified PutRecord message. Does not implicitly {@link backstay.wire.PutRecord.verify|verify} messages.
             * @param message PutRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.PutRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PutRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.PutRecord & backstay.wire.PutRecord.$Shape} PutRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.PutRecord & backstay.wire.PutRecord.$Shape;
        }

        namespace PutRecord {

            /** Properties of a PutRecord. */
            interface $Properties {

                /** PutRecord envelope */
                envelope?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PutRecord. */
            type $Shape = backstay.wire.PutRecord.$Properties;
        }

        /**
         * Properties of a ListRecords.
         * @deprecated Use backstay.wire.ListRecords.$Properties instead.
         */
        interface IListRecords extends backstay.wire.ListRecords.$Properties {
        }

        /** Represents a ListRecords. */
        class ListRecords {

            /**
             * Constructs a new ListRecords.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.ListRecords.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListRecords payloadType. */
            payloadType: string;

            /** ListRecords device. */
            device: Uint8Array;

            /**
             * Creates a new ListRecords instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ListRecords instance
             */
            static create(properties: backstay.wire.ListRecords.$Shape): backstay.wire.ListRecords & backstay.wire.ListRecords.$Shape;
            static create(properties?: backstay.wire.ListRecords.$Properties): backstay.wire.ListRecords;

            /**
             * Encodes the specified ListRecords message. Does not implicitly {@link backstay.wire.ListRecords.verify|verify} messages.
             * @param message ListRecords message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.ListRecords.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListRecords message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.ListRecords & backstay.wire.ListRecords.$Shape} ListRecords
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.ListRecords & backstay.wire.ListRecords.$Shape;
        }

        namespace ListRecords {

            /** Properties of a ListRecords. */
            interface $Properties {

                /** ListRecords payloadType */
                payloadType?: (string|null);

                /** ListRecords device */
                device?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListRecords. */
            type $Shape = backstay.wire.ListRecords.$Properties;
        }

        /**
         * Properties of a Record.
         * @deprecated Use backstay.wire.Record.$Properties instead.
         */
        interface IRecord extends backstay.wire.Record.$Properties {
        }

        /** Represents a Record. */
        class Record {

            /**
             * Constructs a new Record.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Record.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Record envelope. */
            envelope: Uint8Array;

            /** Record id. */
            id: Uint8Array;

            /** Record receivedAtMs. */
            receivedAtMs: number;

            /**
             * Creates a new Record instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Record instance
             */
            static create(properties: backstay.wire.Record.$Shape): backstay.wire.Record & backstay.wire.Record.$Shape;
            static create(properties?: backstay.wire.Record.$Properties): backstay.wire.Record;

            /**
             * Encodes the specified Record message. Does not implicitly {@link backstay.wire.Record.verify|verify} messages.
             * @param message Record message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Record.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Record message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Record & backstay.wire.Record.$Shape} Record
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Record & backstay.wire.Record.$Shape;
        }

        namespace Record {

            /** Properties of a Record. */
            interface $Properties {

                /** Record envelope */
                envelope?: (Uint8Array|null);

                /** Record id */
                id?: (Uint8Array|null);

                /** Record receivedAtMs */
                receivedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Record. */
            type $Shape = backstay.wire.Record.$Properties;
        }

        /**
         * Properties of a ListDevices.
         * @deprecated Use backstay.wire.ListDevices.$Properties instead.
         */
        interface IListDevices extends backstay.wire.ListDevices.$Properties {
        }

        /** Represents a ListDevices. */
        class ListDevices {

            /**
             * Constructs a new ListDevices.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.ListDevices.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListDevices after. */
            after: Uint8Array;

            /** ListDevices limit. */
            limit: number;

            /**
             * Creates a new ListDevices instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ListDevices instance
             */
            static create(properties: backstay.wire.ListDevices.$Shape): backstay.wire.ListDevices & backstay.wire.ListDevices.$Shape;
            static create(properties?: backstay.wire.ListDevices.$Properties): backstay.wire.ListDevices;

            /**
             * Encodes the specified ListDevices message. Does not implicitly {@link backstay.wire.ListDevices.verify|verify} messages.
             * @param message ListDevices message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.ListDevices.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListDevices message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.ListDevices & backstay.wire.ListDevices.$Shape} ListDevices
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.ListDevices & backstay.wire.ListDevices.$Shape;
        }

        namespace ListDevices {

            /** Properties of a ListDevices. */
            interface $Properties {

                /** ListDevices after */
                after?: (Uint8Array|null);

                /** ListDevices limit */
                limit?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListDevices. */
            type $Shape = backstay.wire.ListDevices.$Properties;
        }

        /**
         * Properties of a Device.
         * @deprecated Use backstay.wire.Device.$Properties instead.
         */
        interface IDevice extends backstay.wire.Device.$Properties {
        }

        /** Represents a Device. */
        class Device {

            /**
             * Constructs a new Device.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Device.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Device certificate. */
            certificate: Uint8Array;

            /** Device grant. */
            grant: Uint8Array;

            /** Device enrolledAtMs. */
            enrolledAtMs: number;

            /** Device lastSeenMs. */
            lastSeenMs: number;

            /** Device head. */
            head: Uint8Array;

            /** Device headReceivedAtMs. */
            headReceivedAtMs: number;

            /** Device revoked. */
            revoked: boolean;

            /** Device storedBytes. */
            storedBytes: number;

            /** Device lastCompleteAtMs. */
            lastCompleteAtMs: number;

            /** Device heartbeat. */
            heartbeat: Uint8Array;

            /** Device heardAtMs. */
            heardAtMs: number;

            /** Device online. */
            online: boolean;

            /** Device onlineSinceMs. */
            onlineSinceMs: number;

            /** Device revokedAtMs. */
            revokedAtMs: number;

            /** Device escrowedAtMs. */
            escrowedAtMs: number;

            /** Device clonedSinceMs. */
            clonedSinceMs: number;

            /** Device standing. */
            standing: Uint8Array;

            /** Device refusedOrders. */
            refusedOrders: backstay.wire.RefusedOrder.$Properties[];

            /** Device obeyedAtMs. */
            obeyedAtMs: number;

            /**
             * Creates a new Device instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Device instance
             */
            static create(properties: backstay.wire.Device.$Shape): backstay.wire.Device & backstay.wire.Device.$Shape;
            static create(properties?: backstay.wire.Device.$Properties): backstay.wire.Device;

            /**
             * Encodes the specified Device message. Does not implicitly {@link backstay.wire.Device.verify|verify} messages.
             * @param message Device message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Device.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Device message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Device & backstay.wire.Device.$Shape} Device
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Device & backstay.wire.Device.$Shape;
        }

        namespace Device {

            /** Properties of a Device. */
            interface $Properties {

                /** Device certificate */
                certificate?: (Uint8Array|null);

                /** Device grant */
                grant?: (Uint8Array|null);

                /** Device enrolledAtMs */
                enrolledAtMs?: (number|null);

                /** Device lastSeenMs */
                lastSeenMs?: (number|null);

                /** Device head */
                head?: (Uint8Array|null);

                /** Device headReceivedAtMs */
                headReceivedAtMs?: (number|null);

                /** Device revoked */
                revoked?: (boolean|null);

                /** Device storedBytes */
                storedBytes?: (number|null);

                /** Device lastCompleteAtMs */
                lastCompleteAtMs?: (number|null);

                /** Device heartbeat */
                heartbeat?: (Uint8Array|null);

                /** Device heardAtMs */
                heardAtMs?: (number|null);

                /** Device online */
                online?: (boolean|null);

                /** Device onlineSinceMs */
                onlineSinceMs?: (number|null);

                /** Device revokedAtMs */
                revokedAtMs?: (number|null);

                /** Device escrowedAtMs */
                escrowedAtMs?: (number|null);

                /** Device clonedSinceMs */
                clonedSinceMs?: (number|null);

                /** Device standing */
                standing?: (Uint8Array|null);

                /** Device refusedOrders */
                refusedOrders?: (backstay.wire.RefusedOrder.$Properties[]|null);

                /** Device obeyedAtMs */
                obeyedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Device. */
            type $Shape = backstay.wire.Device.$Properties;
        }

        /**
         * Properties of a ListSnapshots.
         * @deprecated Use backstay.wire.ListSnapshots.$Properties instead.
         */
        interface IListSnapshots extends backstay.wire.ListSnapshots.$Properties {
        }

        /** Represents a ListSnapshots. */
        class ListSnapshots {

            /**
             * Constructs a new ListSnapshots.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.ListSnapshots.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListSnapshots device. */
            device: Uint8Array;

            /** ListSnapshots limit. */
            limit: number;

            /** ListSnapshots beforeSequence. */
            beforeSequence: number;

            /**
             * Creates a new ListSnapshots instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ListSnapshots instance
             */
            static create(properties: backstay.wire.ListSnapshots.$Shape): backstay.wire.ListSnapshots & backstay.wire.ListSnapshots.$Shape;
            static create(properties?: backstay.wire.ListSnapshots.$Properties): backstay.wire.ListSnapshots;

            /**
             * Encodes the specified ListSnapshots message. Does not implicitly {@link backstay.wire.ListSnapshots.verify|verify} messages.
             * @param message ListSnapshots message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.ListSnapshots.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListSnapshots message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.ListSnapshots & backstay.wire.ListSnapshots.$Shape} ListSnapshots
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.ListSnapshots & backstay.wire.ListSnapshots.$Shape;
        }

        namespace ListSnapshots {

            /** Properties of a ListSnapshots. */
            interface $Properties {

                /** ListSnapshots device */
                device?: (Uint8Array|null);

                /** ListSnapshots limit */
                limit?: (number|null);

                /** ListSnapshots beforeSequence */
                beforeSequence?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListSnapshots. */
            type $Shape = backstay.wire.ListSnapshots.$Properties;
        }

        /**
         * Properties of a Snapshot.
         * @deprecated Use backstay.wire.Snapshot.$Properties instead.
         */
        interface ISnapshot extends backstay.wire.Snapshot.$Properties {
        }

        /** Represents a Snapshot. */
        class Snapshot {

            /**
             * Constructs a new Snapshot.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Snapshot.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Snapshot id. */
            id: Uint8Array;

            /** Snapshot object. */
            object: Uint8Array;

            /** Snapshot receivedAtMs. */
            receivedAtMs: number;

            /**
             * Creates a new Snapshot instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Snapshot instance
             */
            static create(properties: backstay.wire.Snapshot.$Shape): backstay.wire.Snapshot & backstay.wire.Snapshot.$Shape;
            static create(properties?: backstay.wire.Snapshot.$Properties): backstay.wire.Snapshot;

            /**
             * Encodes the specified Snapshot message. Does not implicitly {@link backstay.wire.Snapshot.verify|verify} messages.
             * @param message Snapshot message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Snapshot.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Snapshot message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Snapshot & backstay.wire.Snapshot.$Shape} Snapshot
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Snapshot & backstay.wire.Snapshot.$Shape;
        }

        namespace Snapshot {

            /** Properties of a Snapshot. */
            interface $Properties {

                /** Snapshot id */
                id?: (Uint8Array|null);

                /** Snapshot object */
                object?: (Uint8Array|null);

                /** Snapshot receivedAtMs */
                receivedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Snapshot. */
            type $Shape = backstay.wire.Snapshot.$Properties;
        }

        /**
         * Properties of a Heartbeat.
         * @deprecated Use backstay.wire.Heartbeat.$Properties instead.
         */
        interface IHeartbeat extends backstay.wire.Heartbeat.$Properties {
        }

        /** Represents a Heartbeat. */
        class Heartbeat {

            /**
             * Constructs a new Heartbeat.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Heartbeat.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Heartbeat envelope. */
            envelope: Uint8Array;

            /**
             * Creates a new Heartbeat instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Heartbeat instance
             */
            static create(properties: backstay.wire.Heartbeat.$Shape): backstay.wire.Heartbeat & backstay.wire.Heartbeat.$Shape;
            static create(properties?: backstay.wire.Heartbeat.$Properties): backstay.wire.Heartbeat;

            /**
             * Encodes the specified Heartbeat message. Does not implicitly {@link backstay.wire.Heartbeat.verify|verify} messages.
             * @param message Heartbeat message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Heartbeat message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Heartbeat & backstay.wire.Heartbeat.$Shape} Heartbeat
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Heartbeat & backstay.wire.Heartbeat.$Shape;
        }

        namespace Heartbeat {

            /** Properties of a Heartbeat. */
            interface $Properties {

                /** Heartbeat envelope */
                envelope?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Heartbeat. */
            type $Shape = backstay.wire.Heartbeat.$Properties;
        }

        /**
         * Properties of a Heard.
         * @deprecated Use backstay.wire.Heard.$Properties instead.
         */
        interface IHeard extends backstay.wire.Heard.$Properties {
        }

        /** Represents a Heard. */
        class Heard {

            /**
             * Constructs a new Heard.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Heard.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Heard receivedAtMs. */
            receivedAtMs: number;

            /**
             * Creates a new Heard instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Heard instance
             */
            static create(properties: backstay.wire.Heard.$Shape): backstay.wire.Heard & backstay.wire.Heard.$Shape;
            static create(properties?: backstay.wire.Heard.$Properties): backstay.wire.Heard;

            /**
             * Encodes the specified Heard message. Does not implicitly {@link backstay.wire.Heard.verify|verify} messages.
             * @param message Heard message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Heard.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Heard message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Heard & backstay.wire.Heard.$Shape} Heard
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Heard & backstay.wire.Heard.$Shape;
        }

        namespace Heard {

            /** Properties of a Heard. */
            interface $Properties {

                /** Heard receivedAtMs */
                receivedAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Heard. */
            type $Shape = backstay.wire.Heard.$Properties;
        }

        /**
         * Properties of a Refused.
         * @deprecated Use backstay.wire.Refused.$Properties instead.
         */
        interface IRefused extends backstay.wire.Refused.$Properties {
        }

        /** Represents a Refused. */
        class Refused {

            /**
             * Constructs a new Refused.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Refused.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Refused code. */
            code: string;

            /** Refused detail. */
            detail: string;

            /** Refused id. */
            id: Uint8Array;

            /** Refused retryAfterMs. */
            retryAfterMs: number;

            /**
             * Creates a new Refused instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Refused instance
             */
            static create(properties: backstay.wire.Refused.$Shape): backstay.wire.Refused & backstay.wire.Refused.$Shape;
            static create(properties?: backstay.wire.Refused.$Properties): backstay.wire.Refused;

            /**
             * Encodes the specified Refused message. Does not implicitly {@link backstay.wire.Refused.verify|verify} messages.
             * @param message Refused message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Refused.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Refused message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Refused & backstay.wire.Refused.$Shape} Refused
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Refused & backstay.wire.Refused.$Shape;
        }

        namespace Refused {

            /** Properties of a Refused. */
            interface $Properties {

                /** Refused code */
                code?: (string|null);

                /** Refused detail */
                detail?: (string|null);

                /** Refused id */
                id?: (Uint8Array|null);

                /** Refused retryAfterMs */
                retryAfterMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Refused. */
            type $Shape = backstay.wire.Refused.$Properties;
        }

        /**
         * Properties of an Orders.
         * @deprecated Use backstay.wire.Orders.$Properties instead.
         */
        interface IOrders extends backstay.wire.Orders.$Properties {
        }

        /** Represents an Orders. */
        class Orders {

            /**
             * Constructs a new Orders.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Orders.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Orders envelopes. */
            envelopes: Uint8Array[];

            /**
             * Creates a new Orders instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Orders instance
             */
            static create(properties: backstay.wire.Orders.$Shape): backstay.wire.Orders & backstay.wire.Orders.$Shape;
            static create(properties?: backstay.wire.Orders.$Properties): backstay.wire.Orders;

            /**
             * Encodes the specified Orders message. Does not implicitly {@link backstay.wire.Orders.verify|verify} messages.
             * @param message Orders message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Orders.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Orders message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Orders & backstay.wire.Orders.$Shape} Orders
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Orders & backstay.wire.Orders.$Shape;
        }

        namespace Orders {

            /** Properties of an Orders. */
            interface $Properties {

                /** Orders envelopes */
                envelopes?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Orders. */
            type $Shape = backstay.wire.Orders.$Properties;
        }

        /**
         * Properties of an Obeyed.
         * @deprecated Use backstay.wire.Obeyed.$Properties instead.
         */
        interface IObeyed extends backstay.wire.Obeyed.$Properties {
        }

        /** Represents an Obeyed. */
        class Obeyed {

            /**
             * Constructs a new Obeyed.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Obeyed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Obeyed standing. */
            standing: Uint8Array;

            /** Obeyed refused. */
            refused: backstay.wire.RefusedOrder.$Properties[];

            /**
             * Creates a new Obeyed instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Obeyed instance
             */
            static create(properties: backstay.wire.Obeyed.$Shape): backstay.wire.Obeyed & backstay.wire.Obeyed.$Shape;
            static create(properties?: backstay.wire.Obeyed.$Properties): backstay.wire.Obeyed;

            /**
             * Encodes the specified Obeyed message. Does not implicitly {@link backstay.wire.Obeyed.verify|verify} messages.
             * @param message Obeyed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Obeyed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Obeyed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Obeyed & backstay.wire.Obeyed.$Shape} Obeyed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Obeyed & backstay.wire.Obeyed.$Shape;
        }

        namespace Obeyed {

            /** Properties of an Obeyed. */
            interface $Properties {

                /** Obeyed standing */
                standing?: (Uint8Array|null);

                /** Obeyed refused */
                refused?: (backstay.wire.RefusedOrder.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Obeyed. */
            type $Shape = backstay.wire.Obeyed.$Properties;
        }

        /**
         * Properties of a RefusedOrder.
         * @deprecated Use backstay.wire.RefusedOrder.$Properties instead.
         */
        interface IRefusedOrder extends backstay.wire.RefusedOrder.$Properties {
        }

        /** Represents a RefusedOrder. */
        class RefusedOrder {

            /**
             * Constructs a new RefusedOrder.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.RefusedOrder.$Properties);

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
            static create(properties: backstay.wire.RefusedOrder.$Shape): backstay.wire.RefusedOrder & backstay.wire.RefusedOrder.$Shape;
            static create(properties?: backstay.wire.RefusedOrder.$Properties): backstay.wire.RefusedOrder;

            /**
             * Encodes the specified RefusedOrder message. Does not implicitly {@link backstay.wire.RefusedOrder.verify|verify} messages.
             * @param message RefusedOrder message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.RefusedOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RefusedOrder message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.RefusedOrder & backstay.wire.RefusedOrder.$Shape} RefusedOrder
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.RefusedOrder & backstay.wire.RefusedOrder.$Shape;
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
            type $Shape = backstay.wire.RefusedOrder.$Properties;
        }

        /**
         * Properties of a Jobs.
         * @deprecated Use backstay.wire.Jobs.$Properties instead.
         */
        interface IJobs extends backstay.wire.Jobs.$Properties {
        }

        /** Represents a Jobs. */
        class Jobs {

            /**
             * Constructs a new Jobs.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.Jobs.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Jobs envelopes. */
            envelopes: Uint8Array[];

            /**
             * Creates a new Jobs instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Jobs instance
             */
            static create(properties: backstay.wire.Jobs.$Shape): backstay.wire.Jobs & backstay.wire.Jobs.$Shape;
            static create(properties?: backstay.wire.Jobs.$Properties): backstay.wire.Jobs;

            /**
             * Encodes the specified Jobs message. Does not implicitly {@link backstay.wire.Jobs.verify|verify} messages.
             * @param message Jobs message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.Jobs.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Jobs message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.Jobs & backstay.wire.Jobs.$Shape} Jobs
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.Jobs & backstay.wire.Jobs.$Shape;
        }

        namespace Jobs {

            /** Properties of a Jobs. */
            interface $Properties {

                /** Jobs envelopes */
                envelopes?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Jobs. */
            type $Shape = backstay.wire.Jobs.$Properties;
        }

        /**
         * Properties of a JobProgress.
         * @deprecated Use backstay.wire.JobProgress.$Properties instead.
         */
        interface IJobProgress extends backstay.wire.JobProgress.$Properties {
        }

        /** Represents a JobProgress. */
        class JobProgress {

            /**
             * Constructs a new JobProgress.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.JobProgress.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JobProgress job. */
            job: Uint8Array;

            /** JobProgress entries. */
            entries: number;

            /** JobProgress bytes. */
            bytes: number;

            /** JobProgress heardAtMs. */
            heardAtMs: number;

            /**
             * Creates a new JobProgress instance using the specified properties.
             * @param [properties] Properties to set
             * @returns JobProgress instance
             */
            static create(properties: backstay.wire.JobProgress.$Shape): backstay.wire.JobProgress & backstay.wire.JobProgress.$Shape;
            static create(properties?: backstay.wire.JobProgress.$Properties): backstay.wire.JobProgress;

            /**
             * Encodes the specified JobProgress message. Does not implicitly {@link backstay.wire.JobProgress.verify|verify} messages.
             * @param message JobProgress message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.JobProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JobProgress message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.JobProgress & backstay.wire.JobProgress.$Shape} JobProgress
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.JobProgress & backstay.wire.JobProgress.$Shape;
        }

        namespace JobProgress {

            /** Properties of a JobProgress. */
            interface $Properties {

                /** JobProgress job */
                job?: (Uint8Array|null);

                /** JobProgress entries */
                entries?: (number|null);

                /** JobProgress bytes */
                bytes?: (number|null);

                /** JobProgress heardAtMs */
                heardAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JobProgress. */
            type $Shape = backstay.wire.JobProgress.$Properties;
        }

        /**
         * Properties of an AskProgress.
         * @deprecated Use backstay.wire.AskProgress.$Properties instead.
         */
        interface IAskProgress extends backstay.wire.AskProgress.$Properties {
        }

        /** Represents an AskProgress. */
        class AskProgress {

            /**
             * Constructs a new AskProgress.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.AskProgress.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AskProgress device. */
            device: Uint8Array;

            /** AskProgress job. */
            job: Uint8Array;

            /**
             * Creates a new AskProgress instance using the specified properties.
             * @param [properties] Properties to set
             * @returns AskProgress instance
             */
            static create(properties: backstay.wire.AskProgress.$Shape): backstay.wire.AskProgress & backstay.wire.AskProgress.$Shape;
            static create(properties?: backstay.wire.AskProgress.$Properties): backstay.wire.AskProgress;

            /**
             * Encodes the specified AskProgress message. Does not implicitly {@link backstay.wire.AskProgress.verify|verify} messages.
             * @param message AskProgress message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.AskProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AskProgress message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.AskProgress & backstay.wire.AskProgress.$Shape} AskProgress
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.AskProgress & backstay.wire.AskProgress.$Shape;
        }

        namespace AskProgress {

            /** Properties of an AskProgress. */
            interface $Properties {

                /** AskProgress device */
                device?: (Uint8Array|null);

                /** AskProgress job */
                job?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AskProgress. */
            type $Shape = backstay.wire.AskProgress.$Properties;
        }

        /**
         * Properties of an AskLog.
         * @deprecated Use backstay.wire.AskLog.$Properties instead.
         */
        interface IAskLog extends backstay.wire.AskLog.$Properties {
        }

        /** Represents an AskLog. */
        class AskLog {

            /**
             * Constructs a new AskLog.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.AskLog.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AskLog from. */
            from: number;

            /** AskLog to. */
            to: number;

            /**
             * Creates a new AskLog instance using the specified properties.
             * @param [properties] Properties to set
             * @returns AskLog instance
             */
            static create(properties: backstay.wire.AskLog.$Shape): backstay.wire.AskLog & backstay.wire.AskLog.$Shape;
            static create(properties?: backstay.wire.AskLog.$Properties): backstay.wire.AskLog;

            /**
             * Encodes the specified AskLog message. Does not implicitly {@link backstay.wire.AskLog.verify|verify} messages.
             * @param message AskLog message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.AskLog.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AskLog message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.AskLog & backstay.wire.AskLog.$Shape} AskLog
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.AskLog & backstay.wire.AskLog.$Shape;
        }

        namespace AskLog {

            /** Properties of an AskLog. */
            interface $Properties {

                /** AskLog from */
                from?: (number|null);

                /** AskLog to */
                to?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AskLog. */
            type $Shape = backstay.wire.AskLog.$Properties;
        }

        /**
         * Properties of a LogProof.
         * @deprecated Use backstay.wire.LogProof.$Properties instead.
         */
        interface ILogProof extends backstay.wire.LogProof.$Properties {
        }

        /** Represents a LogProof. */
        class LogProof {

            /**
             * Constructs a new LogProof.
             * @param [properties] Properties to set
             */
            constructor(properties?: backstay.wire.LogProof.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LogProof checkpoint. */
            checkpoint: Uint8Array;

            /** LogProof proof. */
            proof: Uint8Array;

            /**
             * Creates a new LogProof instance using the specified properties.
             * @param [properties] Properties to set
             * @returns LogProof instance
             */
            static create(properties: backstay.wire.LogProof.$Shape): backstay.wire.LogProof & backstay.wire.LogProof.$Shape;
            static create(properties?: backstay.wire.LogProof.$Properties): backstay.wire.LogProof;

            /**
             * Encodes the specified LogProof message. Does not implicitly {@link backstay.wire.LogProof.verify|verify} messages.
             * @param message LogProof message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: backstay.wire.LogProof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LogProof message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {backstay.wire.LogProof & backstay.wire.LogProof.$Shape} LogProof
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): backstay.wire.LogProof & backstay.wire.LogProof.$Shape;
        }

        namespace LogProof {

            /** Properties of a LogProof. */
            interface $Properties {

                /** LogProof checkpoint */
                checkpoint?: (Uint8Array|null);

                /** LogProof proof */
                proof?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LogProof. */
            type $Shape = backstay.wire.LogProof.$Properties;
        }
    }
}
