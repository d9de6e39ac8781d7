import { frameWordsIn, type FrameWords } from "./frame-words.js";
import { wordsOf } from "./table.js";

/** What the dialog of a report itself says. Reasons, answers and clauses are the policy's, in the customer's language where it has it. */
export interface Words extends FrameWords {
  title: string;
  report: string;
  what: string;
  more: string;
  choose: string;
  pending: string;
  refused: string;
  barred: string;
}

type Own = Omit<Words, keyof FrameWords>;

const all: Record<string, Own> = {
  en: {
    title: "What is wrong with this result?",
    report: "Your report",
    what: "Choose what fits best",
    more: "In your own words (optional)",
    choose: "Choose a reason, or write what is wrong.",
    pending: "This result is not finished yet.",
    refused: "This result cannot be reported.",
    barred: "Reports cannot be sent from this page. Please contact support.",
  },
  de: {
    title: "Was stimmt an diesem Ergebnis nicht?",
    report: "Ihre Meldung",
    what: "Was passt am besten?",
    more: "In Ihren Worten (freiwillig)",
    choose: "Wählen Sie einen Grund, oder schreiben Sie, was nicht stimmt.",
    pending: "Dieses Ergebnis ist noch nicht fertig.",
    refused: "Dieses Ergebnis kann nicht gemeldet werden.",
    barred: "Von dieser Seite aus lässt sich nichts melden. Bitte wenden Sie sich an den Support.",
  },
  fr: {
    title: "Qu’est-ce qui ne va pas dans ce résultat ?",
    report: "Votre signalement",
    what: "Choisissez ce qui convient le mieux",
    more: "Avec vos mots (facultatif)",
    choose: "Choisissez une raison, ou écrivez ce qui ne va pas.",
    pending: "Ce résultat n’est pas encore terminé.",
    refused: "Ce résultat ne peut pas être signalé.",
    barred: "Impossible d’envoyer un signalement depuis cette page. Contactez l’assistance.",
  },
  es: {
    title: "¿Qué falla en este resultado?",
    report: "Su aviso",
    what: "Elija lo que mejor encaje",
    more: "Con sus palabras (opcional)",
    choose: "Elija un motivo o escriba qué falla.",
    pending: "Este resultado aún no está listo.",
    refused: "Este resultado no se puede notificar.",
    barred: "No se pueden enviar avisos desde esta página. Póngase en contacto con soporte.",
  },
  ar: {
    title: "ما المشكلة في هذه النتيجة؟",
    report: "بلاغك",
    what: "اختر الأنسب",
    more: "بكلماتك (اختياري)",
    choose: "اختر سببًا أو اكتب ما المشكلة.",
    pending: "هذه النتيجة لم تكتمل بعد.",
    refused: "لا يمكن الإبلاغ عن هذه النتيجة.",
    barred: "لا يمكن إرسال البلاغات من هذه الصفحة. تواصل مع الدعم.",
  },
};

/** Returns the words in a language (BCP 47), in English where there are none, and those given in their place. */
export const wordsIn = (language: string, own: Partial<Words> = {}): Words => ({ ...frameWordsIn(language), ...wordsOf(all, language), ...own });
