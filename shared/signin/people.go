package signin

import (
	"net/http"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// people are those of the local stack.
func people() []access.StaffSession {
	return []access.StaffSession{
		{Name: "ann", Roles: []access.StaffRole{access.StaffRoleReviewer}},
		{Name: "bob", Roles: []access.StaffRole{access.StaffRoleReviewer, access.StaffRoleMoney}},
		{Name: "eve", Roles: []access.StaffRole{access.StaffRoleAdmin}},
	}
}

// pick lets in a person of the demo, who proves nothing.
func (d door) pick(w http.ResponseWriter, r *http.Request) {
	to := safePath(r.PostFormValue("to"))
	if d.Provider != nil || !d.Local {
		d.refuse(w, r, to, noProvider())
		return
	}
	for _, person := range people() {
		if person.Name == r.PostFormValue("person") {
			d.letIn(w, r, person, to)
			return
		}
	}
	d.refuse(w, r, to, fault.Invalid("person", "nobody here is called that"))
}
