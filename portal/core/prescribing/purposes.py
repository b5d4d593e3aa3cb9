"""What a medicine is for, in plain words: offered while a doctor types, and said in the patient's language."""

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
_HINDI = {plain(english): hindi for english, hindi in PURPOSES.items()}
_ENGLISH = {plain(hindi): english for english, hindi in PURPOSES.items()}


def purpose_in_words(text: str, language: str) -> str:
    """Say a purpose in `en` or `hi`; one that is not of the list stays as the doctor wrote it."""
    return (_HINDI if language == "hi" else _ENGLISH).get(plain(text), text)


def offered(language: str) -> list[str]:
    """List the purposes in one language."""
    return list(PURPOSES.values() if language == "hi" else PURPOSES)
