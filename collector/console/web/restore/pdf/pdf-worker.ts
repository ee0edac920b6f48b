/** The thread that reads PDFs. It is given the bytes of one document and no key. */
import 'pdfjs-dist/build/pdf.worker.mjs'
