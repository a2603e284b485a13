"""Known ways to get a role's rights through a service that works as the role.

Ways through IAM itself depend on who holds what and are looked for in the account's identities.
Both together are the methods of the public catalogues:
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
https://pathfinding.cloud/paths/
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ServiceWay:
    """Actions that together let whoever has them act as a role that `service` works as.

    With `passes` the role is handed over by iam:PassRole, to something of one's own making;
    without, what works as it is there already, and whoever may do the actions to everything of the
    `kind` (the service reference's word) gets it. `on_instances` are ways that need the role in an
    instance profile. `federated` are those where the role's trust names the service as a provider
    of identities.
    """

    service: str
    actions: tuple[str, ...]
    passes: bool
    kind: str = ""
    on_instances: bool = False
    federated: bool = False

    @property
    def name(self) -> str:
        """The way in a word, the same one for ever: `iam:PassRole+lambda:CreateFunction+…`."""
        return "+".join((*(("iam:PassRole",) if self.passes else ()), *self.actions))


def _passed(service: str, *ways: str) -> tuple[ServiceWay, ...]:
    service = f"{service}.amazonaws.com"
    return tuple(ServiceWay(service, tuple(way.split()), passes=True) for way in ways)


def _there(service: str, kind: str, *ways: str) -> tuple[ServiceWay, ...]:
    return tuple(replace(way, passes=False, kind=kind) for way in _passed(service, *ways))


def _on_instances(ways: tuple[ServiceWay, ...]) -> tuple[ServiceWay, ...]:
    return tuple(replace(way, on_instances=True) for way in ways)


def _federated(ways: tuple[ServiceWay, ...]) -> tuple[ServiceWay, ...]:
    return tuple(replace(way, federated=True) for way in ways)


#: Every one by which a service takes somebody to a role. What AWS has closed is left out, such as
#: CodeStar's `codestar:CreateProjectFromTemplate`.
SERVICE_WAYS: tuple[ServiceWay, ...] = (
    *_on_instances(
        _passed(
            "ec2",
            "ec2:RunInstances",
            "ec2:RequestSpotInstances",
            "ec2:AssociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup",
            "autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup",
            "elasticmapreduce:RunJobFlow",
            "imagebuilder:CreateComponent imagebuilder:CreateImageRecipe "
            "imagebuilder:CreateInfrastructureConfiguration imagebuilder:CreateImage",
        )
    ),
    *_passed("ec2", "iam:CreateInstanceProfile iam:AddRoleToInstanceProfile ec2:RunInstances"),
    *_on_instances(
        (
            *_there(
                "ec2",
                "instance",
                "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances",
                "ec2-instance-connect:SendSSHPublicKey",
                "ssm:StartSession",
                "ssm:SendCommand",
                "ssm:CreateAssociation",
            ),
            *_there(
                "ec2",
                "launch-template",
                "ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate",
            ),
            *_there(
                "ec2",
                "deploymentgroup",
                "codedeploy:RegisterApplicationRevision codedeploy:CreateDeployment",
            ),
        )
    ),
    *_passed(
        "lambda",
        "lambda:CreateFunction lambda:InvokeFunction",
        "lambda:CreateFunction lambda:CreateEventSourceMapping",
        "lambda:CreateFunction lambda:AddPermission",
        "synthetics:CreateCanary synthetics:StartCanary",
    ),
    *_there(
        "lambda", "function", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"
    ),
    *_passed(
        "glue",
        "glue:CreateDevEndpoint",
        "glue:CreateJob glue:StartJobRun",
        "glue:CreateJob glue:CreateTrigger",
        "glue:UpdateJob glue:StartJobRun",
        "glue:UpdateJob glue:CreateTrigger",
        "glue:CreateSession glue:RunStatement",
    ),
    *_there("glue", "devendpoint", "glue:UpdateDevEndpoint"),
    *_passed(
        "cloudformation",
        "cloudformation:CreateStack",
        "cloudformation:CreateStackSet cloudformation:CreateStackInstances",
        "cloudformation:UpdateStackSet",
    ),
    *_there(
        "cloudformation",
        "stack",
        "cloudformation:UpdateStack",
        "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
    ),
    *_passed(
        "datapipeline",
        "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition "
        "datapipeline:ActivatePipeline",
    ),
    *_passed("codestar", "codestar:CreateProject"),
    *_passed(
        "codebuild",
        "codebuild:CreateProject codebuild:StartBuild",
        "codebuild:CreateProject codebuild:StartBuildBatch",
        "codebuild:UpdateProject codebuild:StartBuild",
    ),
    *_there("codebuild", "project", "codebuild:StartBuild", "codebuild:StartBuildBatch"),
    *_passed(
        "ecs-tasks",
        "ecs:RegisterTaskDefinition ecs:RunTask",
        "ecs:RegisterTaskDefinition ecs:CreateService",
        "ecs:RegisterTaskDefinition ecs:StartTask",
        "ecs:StartTask",
        "ecs:RunTask",
        "batch:RegisterJobDefinition batch:SubmitJob",
    ),
    *_there("ecs-tasks", "task", "ecs:ExecuteCommand"),
    *_there("ecs-tasks", "job-definition", "batch:SubmitJob"),
    *_passed(
        "sagemaker",
        "sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
    ),
    *_there(
        "sagemaker",
        "notebook-instance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance "
        "sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance",
    ),
    *_passed("tasks.apprunner", "apprunner:CreateService"),
    *_there("tasks.apprunner", "service", "apprunner:UpdateService"),
    *_passed(
        "bedrock-agentcore",
        "bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter",
        "bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:InvokeAgentRuntimeCommand",
        "bedrock-agentcore:CreateBrowser bedrock-agentcore:StartBrowserSession "
        "bedrock-agentcore:ConnectBrowserAutomationStream",
    ),
    *_there(
        "bedrock-agentcore",
        "code-interpreter-custom",
        "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter",
    ),
    *_there("bedrock-agentcore", "runtime", "bedrock-agentcore:InvokeAgentRuntimeCommand"),
    *_there(
        "bedrock-agentcore",
        "browser-custom",
        "bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream",
    ),
    *_passed("scheduler", "scheduler:CreateSchedule"),
    *_passed("states", "states:CreateStateMachine states:StartExecution"),
    *_there("states", "statemachine", "states:UpdateStateMachine states:StartExecution"),
    *_passed("ssm", "ssm:StartAutomationExecution"),
    *_passed("amplify", "amplify:CreateApp amplify:CreateBranch amplify:StartJob"),
    *_passed("braket", "braket:CreateJob"),
    *_passed("emr-serverless", "emr-serverless:CreateApplication emr-serverless:StartJobRun"),
    *_passed("gamelift", "gamelift:CreateBuild gamelift:CreateFleet"),
    *_passed(
        "kinesisanalytics", "kinesisanalytics:CreateApplication kinesisanalytics:StartApplication"
    ),
    *_passed("omics", "omics:CreateWorkflow omics:StartRun"),
    *_federated(_passed("cognito-identity", "cognito-identity:SetIdentityPoolRoles")),
)
