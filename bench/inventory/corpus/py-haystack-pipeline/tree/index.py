"""Fill the document store. Run once after each import."""
from haystack import Pipeline
from haystack.components.embedders import SentenceTransformersDocumentEmbedder
from haystack.components.extractors import NamedEntityExtractor

pipeline = Pipeline()
pipeline.add_component(
    "embedder", SentenceTransformersDocumentEmbedder(model="intfloat/multilingual-e5-large", prefix="passage: ")
)
pipeline.add_component("entities", NamedEntityExtractor(backend="hugging_face", model="dslim/bert-base-NER"))

if __name__ == "__main__":
    pipeline.run({"embedder": {"documents": []}})
