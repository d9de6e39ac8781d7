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
}

const all: Record<string, FrameWords> = {
  en: {
    send: "Send",
    close: "Close",
    loading: "One moment…",
    sent: "Thank you. We are looking at it…",
    offline: "You are offline. It goes on when you are back.",
    again: "It did not go through. Trying again…",
    failed: "That did not work. Please try again later.",
    session: "You are no longer signed in. Please sign in again.",
    clause: "Clause",
    by: "Answer by",
    object: "Appeal",
    why: "Why is the answer not right?",
  },
  de: {
    send: "Senden",
    close: "Schließen",
    loading: "Einen Moment…",
    sent: "Danke. Wir sehen es uns an…",
    offline: "Sie sind offline. Es geht weiter, sobald Sie wieder verbunden sind.",
    again: "Das kam nicht an. Neuer Versuch…",
    failed: "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    session: "Sie sind nicht mehr angemeldet. Bitte melden Sie sich neu an.",
    clause: "Klausel",
    by: "Antwort bis",
    object: "Ich widerspreche",
    why: "Warum stimmt die Antwort nicht?",
  },
  fr: {
    send: "Envoyer",
    close: "Fermer",
    loading: "Un instant…",
    sent: "Merci. Nous regardons…",
    offline: "Vous êtes hors ligne. L’envoi reprendra à votre retour.",
    again: "L’envoi n’a pas abouti. Nouvel essai…",
    failed: "Cela n’a pas fonctionné. Réessayez plus tard.",
    session: "Vous n’êtes plus connecté. Reconnectez-vous.",
    clause: "Clause",
    by: "Réponse au plus tard le",
    object: "Je conteste",
    why: "Pourquoi la réponse est-elle inexacte ?",
  },
  es: {
    send: "Enviar",
    close: "Cerrar",
    loading: "Un momento…",
    sent: "Gracias. Lo estamos revisando…",
    offline: "No tiene conexión. Seguiremos cuando vuelva.",
    again: "No se pudo enviar. Otro intento…",
    failed: "No funcionó. Inténtelo más tarde.",
    session: "Su sesión ha terminado. Inicie sesión de nuevo.",
    clause: "Cláusula",
    by: "Respuesta a más tardar el",
    object: "No estoy de acuerdo",
    why: "¿Por qué no es correcta la respuesta?",
  },
  ar: {
    send: "إرسال",
    close: "إغلاق",
    loading: "لحظة…",
    sent: "شكرًا. نحن ننظر في الأمر…",
    offline: "أنت غير متصل. سنتابع عند عودة الاتصال.",
    again: "لم يصل الطلب. نحاول مجددًا…",
    failed: "لم ينجح ذلك. حاول لاحقًا.",
    session: "انتهت جلستك. سجّل الدخول مجددًا.",
    clause: "البند",
    by: "حتى",
    object: "أعترض",
    why: "لماذا الجواب غير صحيح؟",
  },
};

/** Returns what every dialog says, in a language. */
export const frameWordsIn = (language: string): FrameWords => wordsOf(all, language);
