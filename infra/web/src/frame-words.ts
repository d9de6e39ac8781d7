import { wordsOf } from "./table.js";

/** What a dialog itself says of sending and of answers, whatever it is about. */
export interface FrameWords {
  send: string;
  close: string;
  loading: string;
  sent: string;
  offline: string;
  again: string;
  failed: string;
  session: string;
  clause: string;
  by: string;
  object: string;
  why: string;
  late: string;
}

const all: Record<string, FrameWords> = {
  en: {
    send: "Send",
    close: "Close",
    loading: "One moment…",
    sent: "Thank you. We are looking at it…",
    offline: "You are offline. This goes on when you are back online.",
    again: "It did not go through. Trying again…",
    failed: "That did not work. Please try again later.",
    session: "You are no longer signed in. Please sign in again.",
    clause: "Clause",
    by: "Answer by",
    object: "Appeal",
    why: "Why is this answer wrong?",
    late: "The time to appeal is over.",
  },
  de: {
    send: "Senden",
    close: "Schließen",
    loading: "Einen Moment …",
    sent: "Danke. Wir sehen uns das an …",
    offline: "Sie sind offline. Es geht weiter, sobald Sie wieder verbunden sind.",
    again: "Das kam nicht an. Neuer Versuch …",
    failed: "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    session: "Sie sind nicht mehr angemeldet. Bitte melden Sie sich neu an.",
    clause: "Klausel",
    by: "Antwort bis",
    object: "Widersprechen",
    why: "Warum ist diese Antwort falsch?",
    late: "Die Frist für den Widerspruch ist abgelaufen.",
  },
  fr: {
    send: "Envoyer",
    close: "Fermer",
    loading: "Un instant…",
    sent: "Merci. Nous étudions votre demande…",
    offline: "Vous êtes hors ligne. Cela reprendra dès que la connexion sera rétablie.",
    again: "La demande n’a pas abouti. Nouvel essai…",
    failed: "Cela n’a pas fonctionné. Réessayez plus tard.",
    session: "Votre session a expiré. Reconnectez-vous.",
    clause: "Clause",
    by: "Réponse au plus tard le",
    object: "Contester",
    why: "Pourquoi cette réponse est-elle erronée ?",
    late: "Le délai pour contester est dépassé.",
  },
  es: {
    send: "Enviar",
    close: "Cerrar",
    loading: "Un momento…",
    sent: "Gracias. Lo estamos revisando…",
    offline: "No hay conexión. Seguiremos en cuanto vuelva.",
    again: "No se pudo enviar. Reintentando…",
    failed: "No ha funcionado. Inténtelo de nuevo más tarde.",
    session: "Su sesión ha terminado. Inicie sesión de nuevo.",
    clause: "Cláusula",
    by: "Respuesta a más tardar el",
    object: "No estoy de acuerdo",
    why: "¿Por qué es incorrecta esta respuesta?",
    late: "El plazo para reclamar ha terminado.",
  },
  ar: {
    send: "إرسال",
    close: "إغلاق",
    loading: "لحظة من فضلك…",
    sent: "شكرًا. نحن ننظر في الأمر…",
    offline: "أنت غير متصل بالإنترنت. سنتابع عند عودة الاتصال.",
    again: "لم يصل الطلب. نحاول مجددًا…",
    failed: "لم ينجح ذلك. حاول مرة أخرى لاحقًا.",
    session: "انتهت جلستك. سجّل الدخول مجددًا.",
    clause: "البند",
    by: "الرد بحلول",
    object: "تقديم اعتراض",
    why: "لماذا هذا الرد غير صحيح؟",
    late: "انتهت مهلة الاعتراض.",
  },
};

/** Returns all that a dialog says, by language (BCP 47), of what it says itself: the build makes a file of each, and a customer loads one. */
export const framed = <W>(table: Record<string, W>): Record<string, FrameWords & W> =>
  Object.fromEntries(Object.entries(table).map(([language, own]) => [language, { ...wordsOf(all, language), ...own }]));
