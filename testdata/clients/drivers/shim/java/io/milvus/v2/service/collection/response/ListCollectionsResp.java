package io.milvus.v2.service.collection.response;

import java.util.List;

/** A stand-in for the Java SDK's. */
public class ListCollectionsResp {
    private final List<String> names;

    public ListCollectionsResp(List<String> names) {
        this.names = names;
    }

    public List<String> getCollectionNames() {
        return names;
    }
}
