/** What the dialog itself says. Reasons, answers and clauses are the policy's, in the customer's language where it has it. */
export interface Words {
  title: string;
  report: string;
  what: string;
  more: string;
  send: string;
  close: string;
  loading: string;
  choose: string;
  sent: string;
  offline: string;
  again: string;
  failed: string;
  session: string;
  pending: string;
  refused: string;
  barred: string;
  clause: string;
  by: string;
  object: string;
  why: string;
}

const en: Words = {
  title: "What is wrong with this result?",
  report: "Your report",
  what: "Choose what fits best",
  more: "In your own words (optional)",
  send: "Send",
  close: "Close",
  loading: "One moment…",
  choose: "Choose a reason, or write what is wrong.",
  sent: "Thank you. We are looking at it…",
  offline: "You are offline. It goes on when you are back.",
  again: "It did not go through. Trying again…",
  failed: "That did not work. Please try again later.",
  session: "You are no longer signed in. Please sign in again.",
  pending: "This result is not finished yet.",
  refused: "This result cannot be reported.",
  barred: "Reports cannot be sent from this page. Please contact support.",
  clause: "Clause",
  by: "Answer by",
  object: "Appeal",
  why: "Why is the answer not right?",
};

const all: Record<string, Words> = {
  en,
  de: {
    title: "Was stimmt an diesem Ergebnis nicht?",
    report: "Ihre Meldung",
    what: "Was passt am besten?",
    more: "In Ihren Worten (freiwillig)",
    send: "Senden",
    close: "Schließen",
    loading: "Einen Moment…",
    choose: "Wählen Sie einen Grund, oder schreiben Sie, was nicht stimmt.",
    sent: "Danke. Wir sehen es uns an…",
    offline: "Sie sind offline. Es geht weiter, sobald Sie wieder verbunden sind.",
    again: "Das kam nicht an. Neuer Versuch…",
    failed: "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    session: "Sie sind nicht mehr angemeldet. Bitte melden Sie sich neu an.",
    pending: "Dieses Ergebnis ist noch nicht fertig.",
    refused: "Dieses Ergebnis kann nicht gemeldet werden.",
    barred: "Von dieser Seite aus lässt sich nichts melden. Bitte wenden Sie sich an den Support.",
    clause: "Klausel",
    by: "Antwort bis",
    object: "Ich widerspreche",
    why: "Warum stimmt die Antwort nicht?",
  },
  fr: {
    title: "Qu’est-ce qui ne va pas dans ce résultat ?",
    report: "Votre signalement",
    what: "Choisissez ce qui convient le mieux",
    more: "Avec vos mots (facultatif)",
    send: "Envoyer",
    close: "Fermer",
    loading: "Un instant…",
    choose: "Choisissez une raison, ou écrivez ce qui ne va pas.",
    sent: "Merci. Nous regardons…",
    offline: "Vous êtes hors ligne. L’envoi reprendra à votre retour.",
    again: "L’envoi n’a pas abouti. Nouvel essai…",
    failed: "Cela n’a pas fonctionné. Réessayez plus tard.",
    session: "Vous n’êtes plus connecté. Reconnectez-vous.",
    pending: "Ce résultat n’est pas encore terminé.",
    refused: "Ce résultat ne peut pas être signalé.",
    barred: "Impossible d’envoyer un signalement depuis cette page. Contactez l’assistance.",
    clause: "Clause",
    by: "Réponse au plus tard le",
    object: "Je conteste",
    why: "Pourquoi la réponse est-elle inexacte ?",
  },
  es: {
    title: "¿Qué falla en este resultado?",
    report: "Su aviso",
    what: "Elija lo que mejor encaje",
    more: "Con sus palabras (opcional)",
    send: "Enviar",
    close: "Cerrar",
    loading: "Un momento…",
    choose: "Elija un motivo o escriba qué falla.",
    sent: "Gracias. Lo estamos revisando…",
    offline: "No tiene conexión. Seguiremos cuando vuelva.",
    again: "No se pudo enviar. Otro intento…",
    failed: "No funcionó. Inténtelo más tarde.",
    session: "Su sesión ha terminado. Inicie sesión de nuevo.",
    pending: "Este resultado aún no está listo.",
    refused: "Este resultado no se puede notificar.",
    barred: "No se pueden enviar avisos desde esta página. Póngase en contacto con soporte.",
    clause: "Cláusula",
    by: "Respuesta a más tardar el",
    object: "No estoy de acuerdo",
    why: "¿Por qué no es correcta la respuesta?",
  },
  ar: {
    title: "ما المشكلة في هذه النتيجة؟",
    report: "بلاغك",
    what: "اختر الأنسب",
    more: "بكلماتك (اختياري)",
    send: "إرسال",
    close: "إغلاق",
    loading: "لحظة…",
    choose: "اختر سببًا أو اكتب ما المشكلة.",
    sent: "شكرًا. نحن ننظر في الأمر…",
    offline: "أنت غير متصل. سنتابع عند عودة الاتصال.",
    again: "لم يصل الطلب. نحاول مجددًا…",
    failed: "لم ينجح ذلك. حاول لاحقًا.",
    session: "انتهت جلستك. سجّل الدخول مجددًا.",
    pending: "هذه النتيجة لم تكتمل بعد.",
    refused: "لا يمكن الإبلاغ عن هذه النتيجة.",
    barred: "لا يمكن إرسال البلاغات من هذه الصفحة. تواصل مع الدعم.",
    clause: "البند",
    by: "حتى",
    object: "أعترض",
    why: "لماذا الجواب غير صحيح؟",
  },
};

/** Returns the words in a language (BCP 47), in English where there are none, and those given in their place. */
export const wordsIn = (language: string, own: Partial<Words> = {}): Words => ({ ...(all[language.slice(0, 2).toLowerCase()] ?? en), ...own });
