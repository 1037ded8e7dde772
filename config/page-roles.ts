// What somebody may be on the auditor's pages; what each sees is said in atna-audit/pages/roles.ts.

export const pageRoles = ['auditor', 'security-officer', 'support'] as const
export type PageRole = (typeof pageRoles)[number]
