"""LangChain with `isovec serve`, by its embeddings for OpenAI.

pip install langchain-openai
"""

import os

from langchain_openai import OpenAIEmbeddings

embeddings = OpenAIEmbeddings(
    model="sentence-transformers/all-MiniLM-L6-v2",
    base_url=os.environ.get("ISOVEC_URL", "http://127.0.0.1:8080") + "/v1",
    api_key=os.environ.get("ISOVEC_API_KEY", "any"),
    # LangChain would send token ids of OpenAI's tokenizer, which stand for other texts in other models. Texts, please.
    check_embedding_ctx_length=False,
)

texts = ["Bread is baked at dawn.", "The river rose overnight."]
documents = embeddings.embed_documents(texts)
query = embeddings.embed_query("When is bread baked?")

for text, document in zip(texts, documents):
    print(f"{sum(a * b for a, b in zip(query, document)):.4f}", text)
