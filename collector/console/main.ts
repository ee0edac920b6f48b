import { runAdminProcess } from './admin-process.ts'

void runAdminProcess()
