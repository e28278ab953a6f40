// Written by FlaskStack.Deployment from the AppHost's model. Without it azd would run one to ten replicas.
param location string = resourceGroup().location

param outputs_azure_container_apps_environment_id string
param outputs_azure_container_registry_endpoint string
param outputs_azure_container_registry_managed_identity_id string
param outputs_managed_identity_client_id string
param api_containerimage string
param api_containerport string

resource api 'Microsoft.App/containerApps@2025-02-02-preview' = {
  name: 'api'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${outputs_azure_container_registry_managed_identity_id}': {}
    }
  }
  properties: {
    environmentId: outputs_azure_container_apps_environment_id
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: false
        targetPort: int(api_containerport)
        transport: 'http'
        allowInsecure: true
      }
      registries: [
        {
          server: outputs_azure_container_registry_endpoint
          identity: outputs_azure_container_registry_managed_identity_id
        }
      ]
      runtime: {
        dotnet: {
          autoConfigureDataProtection: true
        }
      }
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'api'
          image: api_containerimage
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/health'
                port: int(api_containerport)
              }
              periodSeconds: 6
              timeoutSeconds: 3
              failureThreshold: 10
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/health'
                port: int(api_containerport)
              }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 2
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/alive'
                port: int(api_containerport)
              }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 3
            }
          ]
          env: [
            {
              name: 'OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY'
              value: 'in_memory'
            }
            {
              name: 'ASPNETCORE_FORWARDEDHEADERS_ENABLED'
              value: 'true'
            }
            {
              name: 'HTTP_PORTS'
              value: api_containerport
            }
            {
              name: 'Api__MaxBodyBytes'
              value: '1048576'
            }
            {
              name: 'OTEL_TRACES_SAMPLER'
              value: 'parentbased_always_on'
            }
            {
              name: 'OTEL_METRIC_EXPORT_INTERVAL'
              value: '5000'
            }
            {
              name: 'AZURE_CLIENT_ID'
              value: outputs_managed_identity_client_id
            }
          ]
        }
      ]
      scale: {
        minReplicas: 3
        maxReplicas: 6
      }
    }
  }
  tags: {
    'azd-service-name': 'api'
    'aspire-resource-name': 'api'
  }
}
