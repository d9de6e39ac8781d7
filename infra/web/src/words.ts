import { framed, type FrameWords } from "./frame-words.js";

/** What the dialog of a report itself says. Reasons, answers and clauses are the policy's, in the customer's language where it has it. */
const en = {
  title: "What is wrong with this result?",
  report: "Your report",
  what: "Choose what fits best",
  mark: "Mark where it is wrong (optional)",
  how: "Draw a box on the picture, or press on it. With the keyboard, arrows move the box, Shift and arrows size it, Delete removes it.",
  /** With {x}, {y}, {width} and {height}, as shares of the picture. */
  marked: "Box: {x} from the left, {y} from the top, {width} wide, {height} high",
  unmark: "Remove the box",
  more: "In your own words (optional)",
  choose: "Choose a reason, or write what is wrong.",
  pending: "This result is not finished yet.",
  refused: "This result cannot be reported.",
  barred: "Reports cannot be sent from this page. Please contact support.",
};

type Own = typeof en;
export type Words = FrameWords & Own;

const all: Record<string, Own> = {
  en,
  de: {
    title: "Was stimmt an diesem Ergebnis nicht?",
    report: "Ihre Meldung",
    what: "Was passt am besten?",
    mark: "Markieren Sie, wo es nicht stimmt (optional)",
    how: "Ziehen Sie auf dem Bild einen Rahmen auf oder tippen Sie darauf. Mit der Tastatur: Pfeiltasten verschieben den Rahmen, mit der Umschalttaste ändern sie seine Größe, Entf entfernt ihn.",
    marked: "Rahmen: {x} von links, {y} von oben, {width} breit, {height} hoch",
    unmark: "Rahmen entfernen",
    more: "In Ihren eigenen Worten (optional)",
    choose: "Wählen Sie einen Grund oder schreiben Sie, was nicht stimmt.",
    pending: "Dieses Ergebnis ist noch nicht fertig.",
    refused: "Dieses Ergebnis kann nicht gemeldet werden.",
    barred: "Von dieser Seite aus lässt sich nichts melden. Bitte wenden Sie sich an den Support.",
  },
  fr: {
    title: "Qu’est-ce qui ne va pas dans ce résultat ?",
    report: "Votre signalement",
    what: "Choisissez ce qui correspond le mieux",
    mark: "Indiquez où se trouve le problème (facultatif)",
    how: "Tracez un cadre sur l’image ou appuyez dessus. Au clavier, les flèches déplacent le cadre, Maj et les flèches changent sa taille, Suppr l’enlève.",
    marked: "Cadre : à {x} de la gauche, à {y} du haut, {width} de large, {height} de haut",
    unmark: "Enlever le cadre",
    more: "Avec vos mots (facultatif)",
    choose: "Choisissez une raison ou écrivez ce qui ne va pas.",
    pending: "Ce résultat n’est pas encore terminé.",
    refused: "Ce résultat ne peut pas être signalé.",
    barred: "Impossible d’envoyer un signalement depuis cette page. Contactez l’assistance.",
  },
  es: {
    title: "¿Qué problema tiene este resultado?",
    report: "Su aviso",
    what: "Elija lo que mejor lo describa",
    mark: "Marque dónde está el problema (opcional)",
    how: "Dibuje un recuadro sobre la imagen o pulse en ella. Con el teclado, las flechas mueven el recuadro, Mayús y las flechas cambian su tamaño y Supr lo quita.",
    marked: "Recuadro: a {x} de la izquierda, a {y} de arriba, {width} de ancho, {height} de alto",
    unmark: "Quitar el recuadro",
    more: "Con sus palabras (opcional)",
    choose: "Elija un motivo o escriba qué está mal.",
    pending: "Este resultado aún no está listo.",
    refused: "Este resultado no se puede notificar.",
    barred: "No se pueden enviar avisos desde esta página. Póngase en contacto con el servicio de asistencia.",
  },
  ar: {
    title: "ما المشكلة في هذه النتيجة؟",
    report: "بلاغك",
    what: "اختر الأنسب",
    mark: "حدّد موضع المشكلة (اختياري)",
    how: "ارسم إطارًا على الصورة أو انقر عليها. بلوحة المفاتيح: الأسهم تحرّك الإطار، وShift مع الأسهم يغيّر حجمه، وDelete يزيله.",
    marked: "الإطار: {x} من اليسار، {y} من الأعلى، العرض {width}، الارتفاع {height}",
    unmark: "إزالة الإطار",
    more: "بكلماتك (اختياري)",
    choose: "اختر سببًا أو اكتب ما المشكلة.",
    pending: "هذه النتيجة لم تكتمل بعد.",
    refused: "لا يمكن الإبلاغ عن هذه النتيجة.",
    barred: "لا يمكن إرسال البلاغات من هذه الصفحة. تواصل مع الدعم.",
  },
};

/** All that the dialog says. */
export const reportWords: Record<string, Words> = framed(all);
