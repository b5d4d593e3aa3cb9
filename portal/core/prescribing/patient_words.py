"""What a medicine is for and how it is taken, in plain words: offered while a doctor types, said in both languages."""

from portal.base.typed import plain

PURPOSES = {
    "for blood pressure": "ब्लड प्रेशर के लिए",
    "for diabetes": "शुगर (मधुमेह) के लिए",
    "for cholesterol": "कोलेस्ट्रॉल के लिए",
    "for the heart": "दिल के लिए",
    "so that the blood does not clot": "ख़ून जमने से रोकने के लिए",
    "for the thyroid": "थायरॉइड के लिए",
    "for the kidneys": "गुर्दों के लिए",
    "for pain": "दर्द के लिए",
    "for fever": "बुख़ार के लिए",
    "for pain and fever": "दर्द और बुख़ार के लिए",
    "for swelling": "सूजन के लिए",
    "for the joints": "जोड़ों के लिए",
    "for the bones": "हड्डियों के लिए",
    "for an infection": "संक्रमण के लिए",
    "for cough": "खाँसी के लिए",
    "for cold": "सर्दी-ज़ुकाम के लिए",
    "for breathing": "साँस के लिए",
    "for allergy": "एलर्जी के लिए",
    "for itching": "खुजली के लिए",
    "for the skin": "त्वचा के लिए",
    "for acidity": "एसिडिटी के लिए",
    "for vomiting": "उल्टी के लिए",
    "for loose motions": "दस्त के लिए",
    "for constipation": "क़ब्ज़ के लिए",
    "for the eyes": "आँखों के लिए",
    "for eye pressure": "आँख के दबाव के लिए",
    "for the ears": "कानों के लिए",
    "for the nose": "नाक के लिए",
    "for dizziness": "चक्कर के लिए",
    "for headache": "सिरदर्द के लिए",
    "for sleep": "नींद के लिए",
    "for the mood": "मन ठीक रखने के लिए",
    "for anxiety": "घबराहट के लिए",
    "for fits": "दौरों के लिए",
    "for the nerves": "नसों के लिए",
    "for the prostate": "प्रोस्टेट के लिए",
    "for urine": "पेशाब के लिए",
    "for anaemia": "ख़ून की कमी के लिए",
    "vitamin": "विटामिन",
    "calcium": "कैल्शियम",
}
INSTRUCTIONS = {
    "with plenty of water": "ख़ूब पानी के साथ",
    "with milk": "दूध के साथ",
    "swallow whole": "साबुत निगलें",
    "do not crush": "तोड़ें या पीसें नहीं",
    "do not chew": "चबाएँ नहीं",
    "chew well": "अच्छी तरह चबाएँ",
    "dissolve in water": "पानी में घोलकर लें",
    "under the tongue": "जीभ के नीचे रखें",
    "under the skin": "चमड़ी के नीचे",
    "into the muscle": "मांसपेशी में",
    "into the vein": "नस में",
    "shake well": "अच्छी तरह हिलाकर लें",
    "apply a thin layer": "पतली परत लगाएँ",
    "for external use only": "केवल ऊपर से लगाने के लिए",
    "rinse the mouth after use": "लेने के बाद मुँह में कुल्ला करें",
    "do not lie down for half an hour": "आधे घंटे तक लेटें नहीं",
    "do not drive": "गाड़ी न चलाएँ",
    "no alcohol": "शराब न पिएँ",
    "keep in the refrigerator": "फ़्रिज में रखें",
    "finish the course": "पूरा कोर्स लें",
    "do not stop on your own": "अपने आप बंद न करें",
}
_HINDI = {plain(english): hindi for english, hindi in (PURPOSES | INSTRUCTIONS).items()}
_ENGLISH = {plain(hindi): english for english, hindi in (PURPOSES | INSTRUCTIONS).items()}


def in_patients_words(text: str, language: str) -> str:
    """Say a listed purpose or instruction in `en` or `hi`; any other text stays as the doctor wrote it."""
    return (_HINDI if language == "hi" else _ENGLISH).get(plain(text), text)


def purposes(language: str) -> list[str]:
    """List what is offered as a purpose."""
    return list(PURPOSES.values() if language == "hi" else PURPOSES)


def instructions(language: str) -> list[str]:
    """List what is offered as an instruction."""
    return list(INSTRUCTIONS.values() if language == "hi" else INSTRUCTIONS)
