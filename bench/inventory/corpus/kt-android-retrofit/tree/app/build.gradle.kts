plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "com.example.pocketdiary"
    compileSdk = 35

    defaultConfig {
        applicationId = "com.example.pocketdiary"
        minSdk = 26
        versionName = "2.1"
        buildConfigField("String", "LLM_BASE_URL", "\"https://api.stepfun.com/v1/\"")
        buildConfigField("String", "LLM_MODEL", "\"step-2-mini\"")
    }
    buildFeatures {
        buildConfig = true
    }
}

dependencies {
    implementation("com.squareup.retrofit2:retrofit:2.11.0")
}
