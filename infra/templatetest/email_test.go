package templatetest

import (
	"fmt"
	"slices"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// emailsAreSentByOne: notify-customer alone may send e-mail, from the address that it is given
// alone, and only in a stack that has one.
func emailsAreSentByOne(t *template.Template) (problems, error) {
	const one, identities = "NotifyCustomerFunction", "arn:aws:ses:us-east-1:000000000000:identity/"
	var p problems
	without, err := statementsOf(t, template.Scope{}, "ses:SendEmail")
	if err != nil {
		return nil, err
	}
	if len(without) > 0 {
		p.addf("e-mail may be sent without NoticeEmailFrom: %v", without)
	}
	with, err := statementsOf(t, furnished, "ses:SendEmail")
	if err != nil {
		return nil, err
	}
	if len(with) != 1 || len(with[one]) != 1 {
		p.addf("with NoticeEmailFrom e-mail may be sent by %v, not by one statement of %s", with, one)
	}
	for _, statement := range with[one] {
		if !sameSet(permission.Words(statement["Resource"]), []string{identities + sender, identities + senderDomain}) {
			p.addf("%s may send as %v, not as its address or its domain alone", one, statement["Resource"])
		}
		if condition := fmt.Sprint(statement["Condition"]); condition != "map[StringEquals:map[ses:FromAddress:"+sender+"]]" {
			p.addf("%s: an identity may be a whole domain; Condition %s does not name the one sender", one, condition)
		}
	}
	functions, err := t.Functions(furnished)
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		if from, ok := f.Env["NOTICE_EMAIL_FROM"]; ok != (f.LogicalID == one) || ok && from != sender {
			p.addf("%s: NOTICE_EMAIL_FROM is %q", f.LogicalID, from)
		}
	}
	return p, nil
}

// statementsOf gives the statements that allow an action, by the function's logical id.
func statementsOf(t *template.Template, s template.Scope, action string) (map[string][]map[string]any, error) {
	functions, err := t.Functions(s)
	if err != nil {
		return nil, err
	}
	statements := map[string][]map[string]any{}
	for _, f := range functions {
		documents, err := permission.Documents(t, s, f.LogicalID)
		if err != nil {
			return nil, err
		}
		for _, document := range documents {
			for _, statement := range permission.Statements(document) {
				if slices.Contains(permission.Words(statement["Action"]), action) {
					statements[f.LogicalID] = append(statements[f.LogicalID], statement)
				}
			}
		}
	}
	return statements, nil
}
